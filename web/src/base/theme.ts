// Light or dark: the system's choice until the reader makes one.

import { ref, watch } from 'vue'

export type Theme = 'light' | 'dark'

const system = matchMedia('(prefers-color-scheme: dark)')
const chosen = (): Theme | null => {
  const value = localStorage.getItem('theme')
  return value === 'light' || value === 'dark' ? value : null
}

export const theme = ref<Theme>('light')

export function startTheme(): void {
  theme.value = chosen() ?? (system.matches ? 'dark' : 'light')
  watch(
    theme,
    (value) => {
      document.documentElement.dataset['theme'] = value
    },
    { immediate: true },
  )
  system.addEventListener('change', () => {
    if (!chosen()) theme.value = system.matches ? 'dark' : 'light'
  })
}

export function chooseTheme(value: Theme): void {
  localStorage.setItem('theme', value)
  theme.value = value
}
