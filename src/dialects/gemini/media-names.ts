/**
 * What an address says of the medium it leads to, where nobody says it: Google has one kind of part for all media and tells them apart
 * by their type, other protocols have a kind for each and need no type.
 */

/** The formats that Gemini takes, by how their files are named. https://ai.google.dev/gemini-api/docs/file-input-methods */
const types: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  heic: 'image/heic',
  heif: 'image/heif',
  gif: 'image/gif',
  mp4: 'video/mp4',
  mov: 'video/mov',
  webm: 'video/webm',
  mpeg: 'video/mpeg',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  flac: 'audio/flac',
  ogg: 'audio/ogg',
  aac: 'audio/aac',
  pdf: 'application/pdf',
}

/** Undefined where the name tells nothing. */
export function typeByName(url: string): string | undefined {
  const extension = /\.([a-z0-9]+)(?:[?#]|$)/i.exec(url)?.[1]?.toLowerCase() ?? ''
  return Object.hasOwn(types, extension) ? types[extension] : undefined
}
