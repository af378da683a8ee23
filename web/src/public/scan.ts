// Reading a bar code from a photo, where the browser can. Elsewhere one types the digits below it.

import { ready, t } from './words'

declare class BarcodeDetector {
  detect(image: ImageBitmap): Promise<{ rawValue: string }[]>
}

export async function read(input: HTMLInputElement, note: HTMLElement): Promise<void> {
  const file = input.files?.[0]
  if (!file) return
  note.textContent = ''
  try {
    const found = await new BarcodeDetector().detect(await createImageBitmap(file))
    const value = found[0]?.rawValue.trim() ?? ''
    if (!value) throw new Error('no code')
    // a GS1 Digital Link is a code as it stands; of any other address the last part is
    const code = /\/01\/\d{14}/.test(value) ? value : value.replace(/^.*[/=]/, '')
    location.hash = '#/find?q=' + encodeURIComponent(code)
  } catch {
    await ready()
    note.textContent = t('home.scan_none')
  }
  input.value = ''
}
