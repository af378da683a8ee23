// A drawing grows with the reader's text: how much larger than usual it is.

import { computed, type ComputedRef } from 'vue'
import { size } from '../../base/theme'

const factors: Record<string, number> = { large: 1.25, elder: 1.6, phone: 1.08 }
export const useEnlarged = (): ComputedRef<number> => computed(() => factors[size.value] ?? 1)
