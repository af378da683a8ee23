// The desk's words.

import { dictionary } from '../base/language'
import zh from './zh'

export { language, pick } from '../base/language'
export type Key = keyof typeof zh
export const t = dictionary<Key>(zh, () => import('./en'))
