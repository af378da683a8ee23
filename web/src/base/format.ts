// Numbers and dates as they are printed. Decimal texts of the server are rounded as texts: no floating
// point touches a figure.

export type Language = 'zh' | 'en'

const minus = '\u2212'

function grouped(digits: string): string {
  return digits.replace(/\B(?=(\d{3})+$)/g, ',')
}

/** 2,918 · −88 */
export function whole(value: number): string {
  const digits = grouped(Math.abs(Math.trunc(value)).toString())
  return value < 0 ? minus + digits : digits
}

/** +187 · −88 · 0 */
export function signed(value: number): string {
  return value > 0 ? '+' + whole(value) : whole(value)
}

/** A decimal text, times a power of ten, rounded half away from zero to `places`; "" for what is none. */
export function decimal(text: string, places: number, shift = 0): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.trim())
  if (!match) return ''
  const fraction = match[3] ?? ''
  const keep = places + shift
  const padded = fraction.padEnd(keep + 1, '0')
  let scaled = BigInt(match[2] + padded.slice(0, keep))
  if (padded.charCodeAt(keep) >= 53) scaled += 1n
  const digits = scaled.toString().padStart(places + 1, '0')
  const split = digits.length - places
  const number = grouped(digits.slice(0, split)) + (places > 0 ? '.' + digits.slice(split) : '')
  return match[1] && scaled !== 0n ? minus + number : number
}

/** A ratio as a decimal text ("0.0685") in percent: 6.85% */
export function percent(ratio: string, places = 2): string {
  const text = decimal(ratio, places, 2)
  return text === '' ? '' : text + '%'
}

/** +6.85% · −7.99% */
export function signedPercent(ratio: string, places = 2): string {
  const text = percent(ratio, places)
  return text === '' || text.startsWith(minus) || /^[0.]+%$/.test(text) ? text : '+' + text
}

/** A number of the server as it stands: 96.65, 23000000 → 23,000,000 */
export function plain(value: number): string {
  const text = value.toString()
  const places = text.includes('.') ? text.length - text.indexOf('.') - 1 : 0
  return decimal(text, places) || text
}

/** Fen to yuan: 1864000 → 18,640.00 */
export function yuan(fen: number): string {
  const digits = Math.abs(fen).toString().padStart(3, '0')
  return (fen < 0 ? minus : '') + grouped(digits.slice(0, -2)) + '.' + digits.slice(-2)
}

/** Yuan as typed ("18,640.5", full-width digits too) to fen; null for what is no amount. */
export function fen(text: string): number | null {
  const narrow = text.normalize('NFKC').replace(/[,\s元¥]/g, '')
  const match = /^(\d{1,13})(?:\.(\d{1,2}))?$/.exec(narrow)
  return match ? Number(match[1]) * 100 + Number((match[2] ?? '').padEnd(2, '0')) : null
}

/** Civil date to a day number; NaN for anything else. */
export function dayOf(date: string): number {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(date)
  return match ? Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3])) / 86_400_000 : NaN
}

export function dateOf(day: number): string {
  return new Date(day * 86_400_000).toISOString().slice(0, 10)
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const weekdays = {
  zh: ['日', '一', '二', '三', '四', '五', '六'],
  en: ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'],
}

/** 7-4, or 2024-12-30 outside the year of `today`; 4 Jul, 30 Dec 2024. */
export function shortDate(date: string, today: string, language: Language): string {
  const [year = '', month = '', day = ''] = date.split('-')
  const same = year === today.slice(0, 4)
  if (language === 'en') return `${Number(day)} ${months[Number(month) - 1] ?? ''}${same ? '' : ' ' + year}`
  return same ? `${Number(month)}-${Number(day)}` : date
}

/** 7 月 5 日，星期六 · Saturday, 5 July */
export function longDate(date: string, language: Language): string {
  const weekday = weekdays[language][(((dayOf(date) + 4) % 7) + 7) % 7] ?? ''
  const [, month = '', day = ''] = date.split('-')
  if (language === 'zh') return `${Number(month)} 月 ${Number(day)} 日，星期${weekday}`
  return `${weekday}, ${Number(day)} ${months[Number(month) - 1] ?? ''}`
}

export function weekday(date: string, language: Language): string {
  const name = weekdays[language][(((dayOf(date) + 4) % 7) + 7) % 7] ?? ''
  return language === 'zh' ? '周' + name : name.slice(0, 3)
}

/** An instant (UTC) as civil time in UTC+8: [date, "09:14"]. */
export function civil(instant: string): [string, string] {
  const shifted = new Date(Date.parse(instant) + 8 * 3_600_000)
  if (Number.isNaN(shifted.getTime())) return ['', '']
  const text = shifted.toISOString()
  return [text.slice(0, 10), text.slice(11, 16)]
}

/** The first bytes of a digest, in groups of four: enough to compare by eye. */
export function shortDigest(hexadecimal: string): string {
  return hexadecimal.slice(0, 16).replace(/(.{4})(?=.)/g, '$1 ')
}

const numerals = ['一', '二', '三', '四', '五', '六', '七', '八', '九', '十']

/** 一、 · 1. */
export function ordinal(index: number, language: Language): string {
  return language === 'zh' ? `${numerals[index] ?? index + 1}、` : `${index + 1}. `
}
