// The width a chart has, in pixels: drawn at its size, so that its text is never scaled.

import { onBeforeUnmount, onMounted, ref, type Ref } from 'vue'

export function useWidth(host: Ref<HTMLElement | null>, fallback = 720): Ref<number> {
  const width = ref(fallback)
  let watcher: ResizeObserver | null = null
  onMounted(() => {
    const element = host.value
    if (!element) return
    const read = () => {
      const seen = Math.floor(element.getBoundingClientRect().width)
      if (seen > 0 && Math.abs(seen - width.value) > 1) width.value = seen
    }
    read()
    watcher = new ResizeObserver(read)
    watcher.observe(element)
  })
  onBeforeUnmount(() => watcher?.disconnect())
  return width
}
