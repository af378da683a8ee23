// A photo as it is sent: drawn anew, so that the place and the device written inside a photo do not travel
// with a report, and small enough for the budget.

export interface Photo {
  /** base64 of a JPEG */
  data: string
  draw: (canvas: HTMLCanvasElement) => void
}

const side_max = 2000

/** null: not a picture this browser can read. */
export async function prepared(file: File, bytes_max: number): Promise<Photo | null> {
  let image: ImageBitmap
  try {
    image = await createImageBitmap(file)
  } catch {
    return null
  }
  const canvas = document.createElement('canvas')
  for (
    let scale = Math.min(1, side_max / Math.max(image.width, image.height)), tries = 0;
    tries < 6;
    tries += 1
  ) {
    canvas.width = Math.max(1, Math.round(image.width * scale))
    canvas.height = Math.max(1, Math.round(image.height * scale))
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/jpeg', 0.85))
    if (!blob) return null
    if (blob.size <= bytes_max) return { data: await base64(blob), draw: (thumb) => cover(thumb, image) }
    scale *= 0.7
  }
  return null
}

function cover(thumb: HTMLCanvasElement, image: ImageBitmap): void {
  const scale = Math.max(thumb.width / image.width, thumb.height / image.height)
  const [width, height] = [image.width * scale, image.height * scale]
  thumb
    .getContext('2d')
    ?.drawImage(image, (thumb.width - width) / 2, (thumb.height - height) / 2, width, height)
}

function base64(blob: Blob): Promise<string> {
  return new Promise((resolve, reject) => {
    const reader = new FileReader()
    reader.onload = () => resolve(String(reader.result).replace(/^[^,]*,/, ''))
    reader.onerror = () => reject(reader.error ?? new Error('unreadable'))
    reader.readAsDataURL(blob)
  })
}
