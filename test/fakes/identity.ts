import { bodyOf, type FakeServer, serve } from './http-server.ts'

/** Where a real Swift is, and a token that it takes. */
export interface SwiftAccount {
  readonly storageUrl: string
  readonly token: string
}

/**
 * Stand-ins for identity services that cannot run here, after their API documents: Rackspace's v2.0 with an API key, and OpenStack's v3
 * with a password. Both have a catalogue of several services and regions, and refuse whatever is not exactly right.
 */
export async function startIdentity(account: SwiftAccount): Promise<FakeServer> {
  return serve(async (request, response) => {
    const body = JSON.parse((await bodyOf(request)).toString() || '{}')
    const reply = (status: number, answer: unknown, headers = {}) =>
      response.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(answer))
    if (request.method !== 'POST' || request.headers['content-type'] !== 'application/json') return void reply(400, {})

    if (request.url === '/v2.0/tokens') {
      const { username, apiKey } = body.auth['RAX-KSKEY:apiKeyCredentials']
      if (username !== 'jane' || apiKey !== 'secret') reply(401, { unauthorized: { code: 401 } })
      else reply(200, rackspaceAccess(account))
    } else if (request.url === '/v3/auth/tokens') {
      const { identity, scope } = body.auth
      const { name, password, domain } = identity.password.user
      const isRight = identity.methods.includes('password') && name === 'jane' && password === 'secret'
      const isScoped =
        domain.name === 'people' && scope.project.name === 'metrics' && scope.project.domain.name === 'work'
      if (!isRight || !isScoped) reply(401, { error: { code: 401, title: 'Unauthorized' } })
      else reply(201, keystoneToken(account), { 'X-Subject-Token': account.token })
    } else reply(404, {})
  })
}

const rackspaceAccess = ({ storageUrl, token }: SwiftAccount) => ({
  access: {
    token: { id: token, expires: '2099-01-01T00:00:00.000Z', tenant: { id: '123456', name: '123456' } },
    serviceCatalog: [
      {
        name: 'cloudFilesCDN',
        type: 'rax:object-cdn',
        endpoints: [{ region: 'IAD', publicURL: 'https://cdn.invalid' }],
      },
      {
        name: 'cloudFiles',
        type: 'object-store',
        endpoints: [
          { region: 'DFW', tenantId: 'x', publicURL: 'https://dfw.invalid/v1/x', internalURL: 'https://snet.invalid' },
          { region: 'IAD', tenantId: 'x', publicURL: storageUrl, internalURL: 'https://snet.invalid' },
        ],
      },
    ],
    user: { id: '1', name: 'jane', 'RAX-AUTH:defaultRegion': 'DFW', roles: [] },
  },
})

const keystoneToken = ({ storageUrl }: SwiftAccount) => ({
  token: {
    methods: ['password'],
    expires_at: '2099-01-01T00:00:00.000000Z',
    catalog: [
      {
        type: 'identity',
        name: 'keystone',
        endpoints: [{ interface: 'public', region: 'One', url: 'https://id.invalid' }],
      },
      {
        type: 'object-store',
        name: 'swift',
        endpoints: [
          { interface: 'admin', region: 'One', region_id: 'One', url: 'https://admin.invalid/v1' },
          { interface: 'public', region: 'One', region_id: 'One', url: storageUrl },
          { interface: 'internal', region: 'One', region_id: 'One', url: 'https://internal.invalid/v1' },
        ],
      },
    ],
  },
})
