// The desk: where regulators work.

import { createApp } from 'vue'
import '../base/tokens.css'
import '../base/base.css'
import './desk.css'
import './print.css'
import { startLanguage } from '../base/language'
import { startTheme } from '../base/theme'
import App from './App.vue'
import { router } from './router'

startLanguage()
startTheme()
createApp(App).use(router).mount('#app')
