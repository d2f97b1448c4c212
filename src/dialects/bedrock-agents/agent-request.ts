/**
 * Requests of an agent (InvokeAgent): what is said to it, and the session in which it remembers what was said before. The session stands
 * in the path of the call; here it is a member, as AWS's own SDKs have it. An agent has its own instructions, tools and model, so there
 * are no settings. docs.aws.amazon.com/bedrock/latest/APIReference/API_agent-runtime_InvokeAgent.html
 */
import type { Body } from '../../kernel/body.ts'
import { defined } from '../../kernel/codec/defined.ts'
import { MemberReader, wrongType } from '../../kernel/codec/member-reader.ts'
import { MemberWriter } from '../../kernel/codec/member-writer.ts'
import { leadingInstructions, promptMessages, writePrompt } from '../../kernel/codec/one-text/prompt.ts'
import { reportUnsaid, spokenOf } from '../../kernel/codec/one-text/settings.ts'
import { requestSpans } from '../../kernel/codec/request-head.ts'
import type { Encoded, RequestAddress, RequestHead } from '../../kernel/dialect.ts'
import type { ChatRequest, Message } from '../../model/chat.ts'
import { isJsonObject } from '../../model/json.ts'
import { adapt, drop, joinPath, reportForeignExtra } from '../../model/loss.ts'
import type { Loss } from '../../model/loss.ts'

export const agentId = 'bedrock-agent'

/** The member of a client's metadata that names the session to go on with. */
const sessionMember = 'session_id'
const sessionPattern = /^[0-9a-zA-Z._:-]{2,100}$/
const spoken = spokenOf({}, 'metadata')

/** An answer is a stream of events always; whether it comes in pieces is a setting. */
export function readAgentHead(body: Body<ChatRequest>, address: RequestAddress = {}): RequestHead {
  const config = requestSpans(body).json('streamingConfigurations') ?? {}
  const inPieces = isJsonObject(config) && config['streamFinalResponse'] === true
  return { model: address.model ?? '', stream: address.stream ?? inPieces }
}

export function decodeAgentRequest(json: unknown, address: RequestAddress = {}): ChatRequest {
  if (!isJsonObject(json)) throw wrongType('body', 'a JSON object', json)
  const reader = new MemberReader(agentId, json, '')
  const said = reader.string('inputText')
  if (said === undefined && !reader.has('inputText')) reader.noteAbsent('inputText')
  const session = reader.string('sessionId')
  const inPieces = reader.nested('streamingConfigurations')?.boolean('streamFinalResponse')
  if (inPieces === false) reader.note('whole', true)
  return {
    model: address.model ?? '',
    stream: address.stream ?? inPieces ?? false,
    messages: promptMessages(agentId, said ?? '', undefined),
    ...defined({ metadata: session === undefined ? undefined : { [sessionMember]: session } }),
    ...reader.node(),
  }
}

export function encodeAgentRequest(request: ChatRequest): Encoded {
  const lost: Loss[] = []
  reportForeignExtra(request, agentId, '', lost)
  const writer = new MemberWriter(agentId, request)
  const session = sessionOf(request, lost)
  const messages = session === undefined ? request.messages : sinceTheLastAnswer(request.messages, lost)
  const { prompt } = writePrompt({ ...request, messages }, { target: agentId, instructions: false }, lost)
  if (prompt !== '' || !(writer.wasAbsent('inputText') || writer.wasNull('inputText'))) writer.set('inputText', prompt)
  writer.set('sessionId', session)
  if (request.stream) writer.set('streamingConfigurations.streamFinalResponse', true)
  else if (writer.note('whole') === true) writer.set('streamingConfigurations.streamFinalResponse', false)
  reportUnsaid(request, agentId, spoken, lost)
  return { json: writer.finish(), lost }
}

function sessionOf({ metadata = {} }: ChatRequest, lost: Loss[]): string | undefined {
  for (const key of Object.keys(metadata))
    if (key !== sessionMember)
      drop(lost, joinPath('metadata', key), `${agentId} takes the session of the metadata alone`)
  const session = metadata[sessionMember]
  if (session === undefined || sessionPattern.test(session)) return session
  return drop(
    lost,
    joinPath('metadata', sessionMember),
    'a session is named by 2 to 100 letters, digits, or any of . _ : -; a new one is begun',
  )
}

/** What an agent was told before in this session it remembers by itself; instructions it has to be told each time. */
function sinceTheLastAnswer(messages: readonly Message[], lost: Loss[]): readonly Message[] {
  const instructions = leadingInstructions(messages)
  const answered = messages.findLastIndex(({ role }) => role === 'assistant')
  // The last word is the assistant's own: nothing new is said.
  if (answered < instructions || answered === messages.length - 1) return messages
  adapt(lost, 'messages', `${agentId} remembers what was said before in the session; it is not sent again`)
  return [...messages.slice(0, instructions), ...messages.slice(answered + 1)]
}
