// Where one is: '#/stop/<id>'. Behind '#', so that one kept page serves every address without a network.
import { computed, ref } from 'vue'

const hash = ref(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})
const parts = computed(() =>
  hash.value.replace(/^#\/?/, '').split('?')[0]!.split('/').map(decodeURIComponent),
)
export const view = computed(() => parts.value[0] ?? '')
export const id = computed(() => parts.value.slice(1).join('/'))

export const link = (name: string, of = ''): string => `#/${name}${of ? '/' + encodeURIComponent(of) : ''}`
export function go(name: string, of = ''): void {
  location.hash = link(name, of)
}
