// The time an act is given: the phone's, put right by what the server's clock was last seen to be. A phone whose
// battery died may be years off; the strokes of a signature keep the phone's own time beside it.

import { ref } from 'vue'

/** milliseconds the phone is ahead of the server */
export const skewMs = ref(0)
const bearable_ms = 120_000

export function seen(serverTime: number): void {
  if (!Number.isNaN(serverTime)) skewMs.value = Date.now() - serverTime
}
/** Now, as the server would say it. */
export function stamp(): string {
  const off = Math.abs(skewMs.value) > bearable_ms ? skewMs.value : 0
  return new Date(Date.now() - off).toISOString()
}
