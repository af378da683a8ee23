// Where one is: '#/matters/<id>'. Behind '#', so that the portal works below any path.
import { computed, ref } from 'vue'

const hash = ref(location.hash)
addEventListener('hashchange', () => {
  hash.value = location.hash
})
const path = computed(() => hash.value.replace(/^#\/?/, '').split('?')[0]!.split('/').map(decodeURIComponent))
export const view = computed(() => path.value[0] ?? '')
export const id = computed(() => path.value.slice(1).join('/'))
export const link = (name: string, of = ''): string => `#/${name}${of ? '/' + encodeURIComponent(of) : ''}`
