// More contrast for sunlight: no grey text, no hairlines.
import { ref } from 'vue'

export const outdoor = ref(false)

export function startOutdoor(): void {
  chooseOutdoor(localStorage.getItem('outdoor') === 'yes')
}
export function chooseOutdoor(on: boolean): void {
  outdoor.value = on
  localStorage.setItem('outdoor', on ? 'yes' : '')
  document.documentElement.toggleAttribute('data-outdoor', on)
}
