// The portal: what an enterprise or hospital owes, holds and is told.
import { createApp } from 'vue'
import '../base/tokens.css'
import '../base/base.css'
import './portal.css'
import { startLanguage } from '../base/language'
import { startTheme } from '../base/theme'
import App from './App.vue'
import './words'

startTheme(matchMedia('(max-width: 720px)').matches ? 'phone' : 'normal')
void startLanguage().then(() => createApp(App).mount('#app'))
