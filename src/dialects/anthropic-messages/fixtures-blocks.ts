/** Blocks that several fixtures have. */
import type { JsonObject } from '../../model/json.ts'

export const ephemeral: JsonObject = { type: 'ephemeral' }
export const hour: JsonObject = { type: 'ephemeral', ttl: '1h' }
export const webCitation: JsonObject = {
  type: 'web_search_result_location',
  url: 'https://rivers.example/elbe',
  title: 'The Elbe',
  encrypted_index: 'RW5jcnlwdGVk',
  cited_text: 'The Elbe is 1,094 km long.',
}
export const charCitation: JsonObject = {
  type: 'char_location',
  cited_text: 'Grass is green.',
  document_index: 0,
  document_title: null,
  start_char_index: 0,
  end_char_index: 15,
  file_id: null,
}
export const webResult: JsonObject = {
  type: 'web_search_tool_result',
  tool_use_id: 'srvtoolu_01',
  caller: { type: 'direct' },
  content: [
    {
      type: 'web_search_result',
      url: 'https://rivers.example/elbe',
      title: 'The Elbe',
      encrypted_content: 'RW5j',
      page_age: null,
    },
  ],
}
