import { watchEffect } from 'vue'
import { t } from './language'

/** The page's name in the window's title. */
export function useTitle(name: () => string): void {
  watchEffect(() => {
    const own = name()
    document.title = own ? `${own} - ${t('product')}` : t('product')
  })
}
