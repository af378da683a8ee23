// Moving through rows with j, k, x and Enter. Silent while something is typed or a dialog is open.

import { nextTick, onBeforeUnmount, onMounted, ref, watch, type Ref } from 'vue'

export function typing(event: KeyboardEvent): boolean {
  const target = event.target as HTMLElement | null
  if (event.ctrlKey || event.metaKey || event.altKey) return true
  if (document.querySelector('dialog[open]')) return true
  return !!target?.closest('input:not([type="checkbox"]), select, textarea, [contenteditable]')
}

/** The row under the cursor, −1 before the first move. `open` is called with its index; `choose` with its
    index and whether the rows since the last choice are meant too. */
export function useCursor(
  count: () => number,
  open: (index: number) => void,
  choose?: (index: number, range: boolean) => void,
): Ref<number> {
  const at = ref(-1)
  async function move(step: number): Promise<void> {
    at.value = Math.min(count() - 1, Math.max(0, at.value + step))
    await nextTick()
    const row = document.querySelector<HTMLElement>('.is-cursor')
    row?.scrollIntoView({ block: 'nearest' })
    row?.querySelector<HTMLElement>('a[data-open]')?.focus({ preventScroll: true })
  }
  function pressed(event: KeyboardEvent): void {
    if (typing(event) || count() === 0) return
    const key = event.key.toLowerCase()
    if (key === 'j' || key === 'k') {
      event.preventDefault()
      void move(key === 'j' ? 1 : -1)
    }
    if (key === 'x' && choose && at.value >= 0) {
      event.preventDefault()
      choose(at.value, event.shiftKey)
    }
    const onControl = (event.target as HTMLElement | null)?.closest('a, button, summary')
    if (event.key === 'Enter' && at.value >= 0 && !onControl) {
      event.preventDefault()
      open(at.value)
    }
  }
  onMounted(() => addEventListener('keydown', pressed))
  onBeforeUnmount(() => removeEventListener('keydown', pressed))
  watch(count, () => {
    at.value = -1
  })
  return at
}
