/** One server-sent event. */
export interface ServerEvent {
  /** `message` where the server names no type. */
  readonly type: string
  readonly data: string
}

/**
 * The events of a `text/event-stream` body, however it is cut into packets. An event that has not ended with an empty line is no event.
 * @see https://html.spec.whatwg.org/multipage/server-sent-events.html
 */
export async function* serverEvents(body: AsyncIterable<Uint8Array>): AsyncGenerator<ServerEvent> {
  let type = ''
  let data: string[] = []
  for await (const line of linesOf(body)) {
    const [, field, value] = /^([^:]*)(?:: ?(.*))?$/s.exec(line) ?? []
    if (line === '') {
      if (data.length > 0) yield { type: type || 'message', data: data.join('\n') }
      type = ''
      data = []
    } else if (field === 'event') type = value ?? ''
    else if (field === 'data') data.push(value ?? '')
  }
}

/** Lines that have ended, by CR LF, LF or CR. */
async function* linesOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const bytes of body) {
    rest += decoder.decode(bytes, { stream: true })
    // A CR at the very end may be the first half of CR LF.
    const lines = rest.split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() ?? ''
    yield* lines
  }
}
