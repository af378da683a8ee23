// The field entry: inspectors and village informants, with or without a network.
import { createApp } from 'vue'
import '../base/tokens.css'
import '../base/base.css'
import './field.css'
import { startLanguage } from '../base/language'
import { startTheme } from '../base/theme'
import App from './App.vue'
import { startOutdoor } from './outdoor'
import { start } from './state'
import './words'

startTheme('phone')
startOutdoor()
void start()
void startLanguage().finally(() => createApp(App).mount('#app'))
if ('serviceWorker' in navigator && import.meta.env.PROD)
  void navigator.serviceWorker.register('./sw.js').catch(() => undefined)
