/** Transcripts as subtitles: SubRip (https://docs.fileformat.com/video/srt) and WebVTT (https://www.w3.org/TR/webvtt1), and what their times tell. */
import type { TranscriptSegment, TranscriptWord } from '../../model/transcription.ts'

export function srtOf(segments: readonly TranscriptSegment[]): string {
  return segments
    .map(({ start, end, text }, index) => `${index + 1}\n${time(start, ',')} --> ${time(end, ',')}\n${line(text)}\n`)
    .join('\n')
}

export function vttOf(segments: readonly TranscriptSegment[]): string {
  const cues = segments.map(({ start, end, text }) => `${time(start, '.')} --> ${time(end, '.')}\n${line(text)}\n`)
  return ['WEBVTT\n', ...cues].join('\n')
}

/** An arrow or a blank line would end the text of a cue. */
const line = (text: string): string =>
  text
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replaceAll('-->', '->')

function time(seconds: number, point: ',' | '.'): string {
  const all = Math.max(0, Math.round(seconds * 1000))
  const two = (value: number): string => String(value).padStart(2, '0')
  const clock = [Math.floor(all / 3_600_000), Math.floor(all / 60_000) % 60, Math.floor(all / 1000) % 60].map(two)
  return `${clock.join(':')}${point}${String(all % 1000).padStart(3, '0')}`
}

/** Seconds at which the last line of subtitles ends; undefined for what are none. */
export function subtitlesEnd(text: string): number | undefined {
  const times = [...text.matchAll(/-->\s*(?:(\d+):)?(\d{2}):(\d{2})[.,](\d{3})/g)]
  const ends = times.map(
    ([, hours = '0', minutes, seconds, ms]) =>
      Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) + Number(ms) / 1000,
  )
  return ends.length === 0 ? undefined : Math.max(...ends)
}

/** As long as a line of subtitles can be read in one go. */
const longestLine = 84
const longestSeconds = 7
/** A pause after which a new line begins. */
const pause = 1

/** Words in lines: at the end of a sentence, at a pause, at another speaker, or when the line is full. */
export function segmentsOf(words: readonly TranscriptWord[]): TranscriptSegment[] {
  const segments: { start: number; end: number; text: string; speaker?: string }[] = []
  for (const { word, start, end, speaker } of words) {
    const last = segments.at(-1)
    const text = word.trim()
    const goesOn =
      last !== undefined &&
      last.speaker === speaker &&
      start - last.end < pause &&
      end - last.start <= longestSeconds &&
      last.text.length + text.length < longestLine &&
      !/[.!?。！？]["'”’)]*$/.test(last.text)
    if (goesOn) {
      last.text += ` ${text}`
      last.end = end
    } else segments.push({ start, end, text, ...(speaker !== undefined && { speaker }) })
  }
  return segments
}
