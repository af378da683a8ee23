export function files(directory: string): string[]
export function inline(html: string): string[]
export function loads(directory: string, path: string): string[]
export function weights(directory: string): Record<string, number>
export const budgets: Record<string, number>
