export function files(directory: string): string[]
export function inline(html: string): string[]
