import { createSSRApp } from 'vue'
import '@kit/tokens.css'
import App from './App.vue'
import { beginTheme } from './lib/theme'

/** uni-app calls this for every platform. */
export function createApp() {
  beginTheme()
  return { app: createSSRApp(App) }
}
