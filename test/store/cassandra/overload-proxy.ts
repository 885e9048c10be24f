import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What becomes of a statement: an answer as an overloaded server gives it, a broken connection, half an answer, or none for a second. */
export type StatementFault = 'overloaded' | 'reset' | 'truncated' | 'slow'

export interface OverloadProxy {
  readonly host: string
  /** Whether it answers statements, prepared ones and batches, as an overloaded server does, instead of handing them on. */
  isOverloaded: boolean
  /** What befalls the n-th statement, from 0, if anything does. */
  fault: (n: number) => StatementFault | undefined
  close(): Promise<void>
}

// The native protocol, version 4, sections 2 and 9: https://cassandra.apache.org/doc/latest/cassandra/_attachments/native_protocol_v4.html
const headerSize = 9
const Opcode = { error: 0x00, execute: 0x0a, batch: 0x0d } as const
const overloaded = 0x1001

/** Stands before a server, and can be overloaded in its stead. */
export async function startOverloadProxy(host: string): Promise<OverloadProxy> {
  const [address, port] = host.split(':')
  const sockets = new Set<Socket>()
  let statements = 0
  const server = createServer((client) => {
    const upstream = connect(Number(port), address)
    for (const socket of [client, upstream]) sockets.add(socket)
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    let isTruncated = false
    upstream.on('data', (bytes: Buffer) => {
      if (!isTruncated) return void client.write(bytes)
      client.write(bytes.subarray(0, bytes.length >> 1), () => client.destroy())
    })
    const befall = (fault: StatementFault, frame: Buffer) => {
      if (fault === 'overloaded') client.write(overloadedAnswer(frame))
      else if (fault === 'reset') client.destroy()
      else if (fault === 'slow') setTimeout(() => upstream.write(frame), 1_000)
      else isTruncated = upstream.write(frame) || true
    }
    let rest = Buffer.alloc(0)
    client.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes])
      for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
        rest = rest.subarray(frame.length)
        const fault = isStatement(frame) ? (proxy.isOverloaded ? 'overloaded' : proxy.fault(statements++)) : undefined
        if (fault) befall(fault, frame)
        else upstream.write(frame)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    isOverloaded: false,
    fault: (_n: number): StatementFault | undefined => undefined,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return proxy
}

function firstFrame(bytes: Buffer): Buffer | undefined {
  if (bytes.length < headerSize) return undefined
  const size = headerSize + bytes.readUInt32BE(5)
  return bytes.length < size ? undefined : bytes.subarray(0, size)
}

const isStatement = (frame: Buffer): boolean => frame[4] === Opcode.execute || frame[4] === Opcode.batch

function overloadedAnswer(request: Buffer): Buffer {
  const text = Buffer.from('Server overloaded')
  const answer = Buffer.alloc(headerSize + 6 + text.length)
  answer[0] = request[0] | 0x80
  request.copy(answer, 2, 2, 4)
  answer[4] = Opcode.error
  answer.writeUInt32BE(6 + text.length, 5)
  answer.writeInt32BE(overloaded, headerSize)
  answer.writeUInt16BE(text.length, headerSize + 4)
  text.copy(answer, headerSize + 6)
  return answer
}
