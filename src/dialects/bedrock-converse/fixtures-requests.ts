/** Requests that between them have everything that Converse can be asked. */
import type { RequestAddress } from '../../kernel/dialect.ts'
import type { JsonObject } from '../../model/json.ts'

const claude: RequestAddress = { model: 'us.anthropic.claude-sonnet-4-5-20250929-v1:0' }

export interface RequestFixture {
  readonly name: string
  readonly request: JsonObject
  readonly address: RequestAddress
}

const hello: JsonObject[] = [{ role: 'user', content: [{ text: 'Hello' }] }]

export const requests: readonly RequestFixture[] = [
  { name: 'a short request', request: { messages: hello }, address: claude },
  { name: 'a short request for a stream', request: { messages: hello }, address: { ...claude, stream: true } },
  {
    name: 'empty lists and objects',
    request: {
      messages: [{ role: 'user', content: [] }],
      system: [],
      inferenceConfig: { stopSequences: [] },
      additionalModelRequestFields: {},
      additionalModelResponseFieldPaths: [],
      performanceConfig: {},
      requestMetadata: {},
      outputConfig: {},
    },
    address: claude,
  },
  {
    name: 'nulls where nothing is said',
    request: {
      messages: hello,
      system: null,
      inferenceConfig: { maxTokens: null, temperature: null, topP: null, stopSequences: null },
      toolConfig: null,
      additionalModelRequestFields: null,
      outputConfig: { textFormat: null, effort: null },
      serviceTier: null,
    },
    address: claude,
  },
  {
    name: 'every setting',
    request: {
      messages: hello,
      system: [
        { text: 'Be brief.' },
        { cachePoint: { type: 'default', ttl: '1h' } },
        { guardContent: { text: { text: 'Guard this.' } } },
        { cachePoint: { type: 'default' } },
      ],
      inferenceConfig: { maxTokens: 1000, temperature: 0.5, topP: 0.9, stopSequences: ['END', '\n\n'] },
      additionalModelRequestFields: {
        top_k: 40,
        thinking: { type: 'enabled', budget_tokens: 2048, display: 'summarized' },
        anthropic_beta: ['context-1m-2025-08-07'],
      },
      additionalModelResponseFieldPaths: ['/stop_sequence'],
      guardrailConfig: {
        guardrailIdentifier: 'gr1',
        guardrailVersion: 'DRAFT',
        trace: 'enabled',
        streamProcessingMode: 'async',
      },
      performanceConfig: { latency: 'optimized' },
      promptVariables: { name: { text: 'Ada' } },
      requestMetadata: { team: 'a', 'cost center': '12' },
      serviceTier: { type: 'priority' },
      projectIdentifier: 'p1',
      outputConfig: {
        textFormat: {
          type: 'json_schema',
          structure: {
            jsonSchema: {
              schema: '{ "type": "object", "properties": {"a": {"const": 12345678901234567890}} }',
              name: 'answer',
              description: 'What to say',
            },
          },
        },
        effort: 'high',
      },
    },
    address: { ...claude, stream: true },
  },
  {
    name: 'a schema spelled as JSON.stringify does, and one that is none',
    request: {
      messages: hello,
      outputConfig: {
        textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}' } } },
      },
      additionalModelRequestFields: { top_k: 'many', thinking: { type: 'enabled' }, reasoning_config: [1] },
    },
    address: claude,
  },
  {
    name: 'a format that is not known',
    request: {
      messages: hello,
      outputConfig: { textFormat: { type: 'grammar', structure: { grammar: { schema: 'x' } } }, effort: 'utmost' },
      requestMetadata: { odd: 1 },
    },
    address: claude,
  },
  {
    name: 'the older name of thinking',
    request: {
      messages: hello,
      additionalModelRequestFields: { reasoning_config: { type: 'enabled', budget_tokens: 4000 } },
    },
    address: { model: 'anthropic.claude-3-7-sonnet-20250219-v1:0' },
  },
  {
    name: "adaptive thinking with the effort in Anthropic's place",
    request: {
      messages: hello,
      additionalModelRequestFields: { thinking: { type: 'adaptive' }, output_config: { effort: 'max', more: 1 } },
    },
    address: { model: 'anthropic.claude-opus-4-6-v1' },
  },
  {
    name: 'the fields of Nova',
    request: {
      messages: hello,
      additionalModelRequestFields: {
        inferenceConfig: { topK: 20, more: true },
        reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' },
      },
    },
    address: { model: 'us.amazon.nova-2-lite-v1:0' },
  },
  {
    name: 'the fields of OpenAI',
    request: { messages: hello, additionalModelRequestFields: { reasoning_effort: 'medium', k: 3 } },
    address: { model: 'openai.gpt-oss-120b-1:0' },
  },
  {
    name: 'a prompt kept at Bedrock, which brings its own messages',
    request: { promptVariables: { name: { text: 'Ada' } } },
    address: { model: 'arn:aws:bedrock:us-east-1:123456789012:prompt/PROMPT1234:1' },
  },
  {
    name: 'tools',
    request: {
      messages: hello,
      toolConfig: {
        tools: [
          {
            toolSpec: {
              name: 'get_weather',
              description: 'Tells the weather.',
              inputSchema: { json: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } },
              strict: true,
            },
          },
          { cachePoint: { type: 'default' } },
          { toolSpec: { name: 'now', inputSchema: { json: {} } } },
          { cachePoint: { type: 'default', ttl: '5m' } },
          { cachePoint: { type: 'default' } },
          { systemTool: { name: 'nova_grounding' } },
          { newTool: { name: 'what' } },
        ],
        toolChoice: { auto: {} },
      },
    },
    address: claude,
  },
  {
    name: 'a call that must be made',
    request: {
      messages: hello,
      toolConfig: {
        tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { any: {} },
      },
    },
    address: claude,
  },
  {
    name: 'a call of one tool that must be made',
    request: {
      messages: hello,
      toolConfig: {
        tools: [{ toolSpec: { name: 'f', inputSchema: { json: { type: 'object' } } } }],
        toolChoice: { tool: { name: 'f' } },
      },
    },
    address: claude,
  },
  {
    name: 'a choice that is not known',
    request: { messages: hello, toolConfig: { tools: [], toolChoice: { never: {} } } },
    address: claude,
  },
  {
    name: 'every block of a user',
    request: {
      messages: [
        {
          role: 'user',
          content: [
            { cachePoint: { type: 'default' } },
            { text: 'Look:' },
            { image: { format: 'png', source: { bytes: 'iVBORw0KGgo=' } } },
            {
              image: {
                format: 'webp',
                source: { s3Location: { uri: 's3://bucket/a.webp', bucketOwner: '123456789012' } },
              },
            },
            { image: { format: 'jpeg', source: { hologram: 'x' } } },
            { cachePoint: { type: 'default', ttl: '5m' } },
            { document: { format: 'pdf', name: 'Report', source: { bytes: 'JVBERi0=' } } },
            {
              document: {
                format: 'txt',
                name: 'Notes (1)',
                source: { text: 'Some notes.' },
                context: 'Taken in May.',
                citations: { enabled: true },
              },
            },
            { document: { name: 'Pieces', source: { content: [{ text: 'One.' }, { text: 'Two.' }] } } },
            { document: { name: 'Odd', source: { content: [{ text: 'One.', note: 1 }] } } },
            { document: { format: 'docx', name: 'In S3', source: { s3Location: { uri: 's3://bucket/b.docx' } } } },
            { cachePoint: { type: 'later' } },
            { video: { format: 'three_gp', source: { bytes: 'AAAA' } } },
            { video: { format: 'mpg', source: { s3Location: { uri: 's3://bucket/c.mpg' } } } },
            { audio: { format: 'mp3', source: { bytes: 'SUQz' } } },
            { guardContent: { text: { text: 'Guarded.', qualifiers: ['query', 'guard_content'] } } },
            { guardContent: { image: { format: 'jpeg', source: { bytes: '/9j/' } } } },
            { guardContent: { sound: {} } },
            {
              searchResult: {
                source: 'https://source.example/',
                title: 'A source',
                content: [{ text: 'Found' }, { text: 'this.' }],
                citations: { enabled: true },
              },
            },
            { searchResult: { source: 's', title: 't', content: [{ text: 'a', more: 1 }] } },
            { newBlock: { anything: [1, 2] } },
          ],
        },
      ],
    },
    address: claude,
  },
  {
    name: 'a conversation with calls, results and reasoning',
    request: {
      messages: [
        { role: 'user', content: [{ text: 'What is the weather?' }] },
        {
          role: 'assistant',
          content: [
            { reasoningContent: { reasoningText: { text: 'I should look.', signature: 'c2ln' } } },
            { reasoningContent: { reasoningText: { text: 'Unsigned.' } } },
            { reasoningContent: { redactedContent: 'cmVk' } },
            { reasoningContent: { newReasoning: 1 } },
            { text: 'Let me see.' },
            { toolUse: { toolUseId: 'tooluse_1', name: 'get_weather', input: { city: 'Berlin' } } },
            { toolUse: { toolUseId: 'tooluse_2', name: 'now', input: {}, type: 'tool_use' } },
            { toolUse: { toolUseId: 'tooluse_3', name: 'list', input: [1] } },
            { toolUse: { toolUseId: 'tooluse_4', name: 'none', input: null } },
            { toolUse: { toolUseId: 'tooluse_5', name: 'absent' } },
            { toolUse: { toolUseId: 'srv_1', name: 'nova_grounding', input: { q: 'x' }, type: 'server_tool_use' } },
            {
              toolResult: {
                toolUseId: 'srv_1',
                type: 'nova_grounding_result',
                status: 'success',
                content: [{ json: { found: 1 } }],
              },
            },
            {
              citationsContent: {
                content: [{ text: 'It is ' }, { text: 'fine.' }],
                citations: [
                  {
                    title: 'W',
                    source: 'https://w.example/',
                    sourceContent: [{ text: 'fine' }],
                    location: { web: { url: 'https://w.example/a', domain: 'w.example' } },
                  },
                  { location: { documentPage: { documentIndex: 0, start: 1, end: 2 } } },
                ],
              },
            },
          ],
        },
        {
          role: 'user',
          content: [
            {
              toolResult: {
                toolUseId: 'tooluse_1',
                content: [
                  { text: 'Sunny' },
                  { json: { degrees: 21, list: [null, 1.5] } },
                  { image: { format: 'gif', source: { bytes: 'R0lGOD' } } },
                  { document: { format: 'csv', name: 'Data', source: { bytes: 'YSxi' } } },
                  { video: { format: 'mov', source: { bytes: 'AAAA' } } },
                  { searchResult: { source: 's', title: 't', content: [{ text: 'a' }] } },
                  { newResult: {} },
                ],
                status: 'success',
              },
            },
            { cachePoint: { type: 'default' } },
            { toolResult: { toolUseId: 'tooluse_2', content: [], status: 'error' } },
            { toolResult: { toolUseId: 'tooluse_3', content: [{ text: 'x' }], status: 'perhaps' } },
            { toolResult: { toolUseId: 'tooluse_4', content: [{ json: 5 }] } },
            { toolResult: { toolUseId: 'tooluse_5', content: [{ text: 'y' }] } },
            { text: 'And now?' },
          ],
        },
        { role: 'system', content: [{ toolAddition: { tool: { type: 'tool', name: 'now' } } }, { text: 'Hurry.' }] },
        {
          role: 'assistant',
          content: [{ citationsContent: {} }, { citationsContent: { content: [], citations: [] } }],
        },
      ],
      toolConfig: { tools: [{ toolSpec: { name: 'now', inputSchema: { json: { type: 'object' } } } }] },
    },
    address: claude,
  },
]
