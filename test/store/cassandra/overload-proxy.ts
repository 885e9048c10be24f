import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

export interface OverloadProxy {
  readonly host: string
  /** Whether it answers statements, prepared ones and batches, as an overloaded server does, instead of handing them on. */
  isOverloaded: boolean
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
  const server = createServer((client) => {
    const upstream = connect(Number(port), address)
    for (const socket of [client, upstream]) sockets.add(socket)
    client.on('error', () => upstream.destroy()).on('close', () => upstream.destroy())
    upstream.on('error', () => client.destroy()).on('close', () => client.destroy())
    upstream.pipe(client)
    let rest = Buffer.alloc(0)
    client.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes])
      for (let frame = firstFrame(rest); frame; frame = firstFrame(rest)) {
        rest = rest.subarray(frame.length)
        if (proxy.isOverloaded && isStatement(frame)) client.write(overloadedAnswer(frame))
        else upstream.write(frame)
      }
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxy = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    isOverloaded: false,
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
