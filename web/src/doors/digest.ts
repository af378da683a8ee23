// SHA-256 in hexadecimal: what a photo or a signature is known by from the moment it is made.

export function hexadecimal(bytes: ArrayBuffer): string {
  return Array.from(new Uint8Array(bytes), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Needs a secure page (https or loopback). */
export async function sha256(data: Blob | ArrayBuffer | string): Promise<string> {
  const bytes =
    typeof data === 'string'
      ? new TextEncoder().encode(data).buffer
      : data instanceof Blob
        ? await data.arrayBuffer()
        : data
  return hexadecimal(await crypto.subtle.digest('SHA-256', bytes as ArrayBuffer))
}
