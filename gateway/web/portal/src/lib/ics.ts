/** Write one booking as an iCalendar file (RFC 5545). */
export interface CalendarEntry {
  id: string
  sequence: number
  start: string
  end: string
  summary: string
  location: string
  description: string
  url: string
  cancelled: boolean
}

/** RFC 5545 §3.1: content lines are at most 75 octets, continued by a leading space. */
const FOLD_OCTETS = 73

export function toIcs(entry: CalendarEntry, now: Date): string {
  const lines = [
    'BEGIN:VCALENDAR',
    'VERSION:2.0',
    'PRODID:-//Yingqi//Portal//ZH',
    'CALSCALE:GREGORIAN',
    'METHOD:PUBLISH',
    'BEGIN:VEVENT',
    `UID:${entry.id}@yingqi`,
    `SEQUENCE:${entry.sequence}`,
    `DTSTAMP:${utcStamp(now)}`,
    `DTSTART:${utcStamp(new Date(entry.start))}`,
    `DTEND:${utcStamp(new Date(entry.end))}`,
    `SUMMARY:${escapeText(entry.summary)}`,
    `LOCATION:${escapeText(entry.location)}`,
    `DESCRIPTION:${escapeText(entry.description)}`,
    `URL:${entry.url}`,
    `STATUS:${entry.cancelled ? 'CANCELLED' : 'CONFIRMED'}`,
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    `DESCRIPTION:${escapeText(entry.summary)}`,
    'TRIGGER:-P1D',
    'END:VALARM',
    'END:VEVENT',
    'END:VCALENDAR',
  ]
  return lines.map(fold).join('\r\n') + '\r\n'
}

const utcStamp = (date: Date) => date.toISOString().replace(/[-:]|\.\d{3}/g, '')

const escapeText = (text: string) => text.replace(/([\\;,])/g, '\\$1').replace(/\r?\n/g, '\\n')

function fold(line: string): string {
  let folded = ''
  let octets = 0
  for (const char of line) {
    const size = char.charCodeAt(0) < 0x80 ? 1 : char.length > 1 ? 4 : 3
    if (octets + size > FOLD_OCTETS) {
      folded += '\r\n '
      octets = 0
    }
    folded += char
    octets += size
  }
  return folded
}
