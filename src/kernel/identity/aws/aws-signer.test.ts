/** Keys of AWS, from every place they can be in: what is asked there, when again, and what is said when there are none. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { Outbound } from '../../transport.ts'
import { FakeClock, settle } from '../../testing/fake-clock.ts'
import { playedTransport, sentText } from '../../testing/played-transport.ts'
import type { PlayedAnswer } from '../../testing/played-transport.ts'
import { awsProblems, awsSigner, regionOf } from './aws-signer.ts'
import type { AwsIdentity } from './fields.ts'

const dir = mkdtempSync(join(tmpdir(), 'sluicegate-aws-'))
// Whoever runs this may have files of their own.
beforeAll(() => void vi.stubEnv('HOME', '/nowhere'))
afterAll(() => {
  vi.unstubAllEnvs()
  rmSync(dir, { recursive: true })
})
let files = 0
const fileOf = (content: string): string => {
  files += 1
  const file = join(dir, `file-${files}`)
  writeFileSync(file, content)
  return file
}

const outbound: Outbound = { method: 'POST', origin: 'https://svc.example', path: '/x', headers: {}, body: null }
const hour = 3_600_000

function stage(identity: AwsIdentity, answer: (asked: Outbound, count: number) => PlayedAnswer | undefined) {
  const clock = new FakeClock()
  let count = 0
  const transport = playedTransport((asked) => answer(asked, (count += 1)))
  const signer = awsSigner({ region: 'eu-west-1', ...identity }, { title: 'AWS', service: 'svc' }, { clock, transport })
  if (signer === undefined) throw new Error('no signer')
  const headers = async () => (await signer.sign(outbound, undefined)).headers
  /** The access key in the signature, and the session token beside it. */
  const signed = async () => {
    const { authorization, 'x-amz-security-token': session } = await headers()
    return [/Credential=([^/]+)\//.exec(authorization ?? '')?.[1], session]
  }
  return { clock, transport, signer, signed, headers }
}

const iso = (clock: { now(): number }, milliseconds: number): string =>
  new Date(clock.now() + milliseconds).toISOString()
const start = new FakeClock()
const keys = (name: string, end = iso(start, hour)) => ({
  AccessKeyId: `ASIA-${name}`,
  SecretAccessKey: `secret-${name}`,
  Token: `session-${name}`,
  Expiration: end,
})
const assumed = (name: string, end = iso(start, hour)): PlayedAnswer => ({
  body: `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
    <AccessKeyId>ASIA-${name}</AccessKeyId><SecretAccessKey>secret-${name}</SecretAccessKey>
    <SessionToken>session-${name}</SessionToken><Expiration>${end}</Expiration>
  </Credentials></AssumeRoleResult></AssumeRoleResponse>`,
})
const formOf = (asked: Outbound | undefined) => Object.fromEntries(new URLSearchParams(sentText(asked)))

describe('keys of the configuration', () => {
  it('sign at once, without asking anybody', async () => {
    const { signed, transport, signer } = stage({ access_key_id: 'AKIA', secret_access_key: 's' }, () => undefined)
    expect(await signed()).toEqual(['AKIA', undefined])
    expect(signer.sign(outbound, undefined)).not.toBeInstanceOf(Promise)
    expect(transport.asked).toEqual([])
  })

  it('assume a role, once for fifty requests, and again before its keys end', async () => {
    const identity = {
      access_key_id: 'AKIA',
      secret_access_key: 's',
      role_arn: 'arn:aws:iam::1:role/r',
      external_id: 'ext',
    }
    const { clock, signed, transport } = stage(identity, (_asked, count) =>
      assumed(`r${count}`, iso(start, count * hour)),
    )
    expect(new Set((await Promise.all(Array.from({ length: 50 }, signed))).map(String))).toEqual(
      new Set(['ASIA-r1,session-r1']),
    )
    expect(transport.asked).toHaveLength(1)
    const [asked] = transport.asked
    expect(asked).toMatchObject({ method: 'POST', origin: 'https://sts.eu-west-1.amazonaws.com', path: '/' })
    expect(asked?.headers['authorization']).toMatch(/Credential=AKIA\/20260115\/eu-west-1\/sts\/aws4_request/)
    expect(formOf(asked)).toEqual({
      Action: 'AssumeRole',
      Version: '2011-06-15',
      RoleArn: 'arn:aws:iam::1:role/r',
      RoleSessionName: 'sluicegate',
      ExternalId: 'ext',
    })
    await clock.advance(hour - 200_000)
    expect(await signed()).toEqual(['ASIA-r1', 'session-r1'])
    await settle()
    expect(await signed()).toEqual(['ASIA-r2', 'session-r2'])
  })

  it('sign anew by the clock of AWS where that of the machine is wrong', async () => {
    const identity = { access_key_id: 'AKIA', secret_access_key: 's', role_arn: 'arn:aws:iam::1:role/r' }
    const { signed, transport } = stage(identity, (_asked, count) =>
      count === 1
        ? {
            status: 403,
            headers: { date: 'Fri, 16 Jan 2026 12:00:00 GMT' },
            body: '<Error><Code>SignatureDoesNotMatch</Code></Error>',
          }
        : { ...assumed('late', '2026-01-16T13:00:00Z'), headers: { date: 'Fri, 16 Jan 2026 12:00:00 GMT' } },
    )
    expect(await signed()).toEqual(['ASIA-late', 'session-late'])
    expect(transport.asked.map(({ headers }) => headers['x-amz-date'])).toEqual([
      '20260115T120000Z',
      '20260116T120000Z',
    ])
  })

  it('that may not assume the role are told so in the words of AWS', async () => {
    const identity = { access_key_id: 'AKIA', secret_access_key: 'hush-hush', role_arn: 'arn:aws:iam::1:role/r' }
    const { signed } = stage(identity, () => ({
      status: 403,
      body: '<ErrorResponse><Error><Code>AccessDenied</Code><Message>AKIA with hush-hush may not</Message></Error></ErrorResponse>',
    }))
    await expect(signed()).rejects.toMatchObject({
      code: 'provider_authentication',
      status: 502,
      message:
        "AWS: AWS's Security Token Service refused to issue a token (status 403, AccessDenied: AKIA with [secret] may not). Check `role_arn`, and that these keys may assume it.",
    })
  })
})

describe('a token of another identity provider', () => {
  it('is exchanged for keys of the role, and read anew each time', async () => {
    const file = fileOf('jwt-1\n')
    const { clock, signed, transport } = stage(
      { web_identity_token_file: file, role_arn: 'arn:aws:iam::1:role/pod' },
      () => assumed('pod'),
    )
    expect(await signed()).toEqual(['ASIA-pod', 'session-pod'])
    writeFileSync(file, 'jwt-2')
    await clock.advance(hour)
    await signed()
    expect(transport.asked.map(formOf)).toMatchObject([
      { Action: 'AssumeRoleWithWebIdentity', WebIdentityToken: 'jwt-1', RoleArn: 'arn:aws:iam::1:role/pod' },
      { WebIdentityToken: 'jwt-2' },
    ])
    expect(transport.asked[0]?.headers['authorization']).toBeUndefined()
  })
})

describe('a profile', () => {
  const config_file = fileOf(`
[default]
region = us-east-1
[profile  plain ]
region=eu-central-1 ; where it is
s3 =
  max_concurrent_requests = 20
[profile role]
role_arn = arn:aws:iam::1:role/of-profile
source_profile = plain
external_id = from-file
[profile instance]
role_arn = arn:aws:iam::1:role/of-instance
credential_source = Ec2InstanceMetadata
[profile web]
role_arn = arn:aws:iam::1:role/web
web_identity_token_file = ${fileOf('jwt')}
[profile sso]
sso_session = corp
[profile process]
credential_process = /bin/keys
[profile circle]
role_arn = a
source_profile = circle2
[profile circle2]
role_arn = b
source_profile = circle
[profile empty]
[profile lonely]
role_arn = c
`)
  const shared_credentials_file = fileOf('[plain]\naws_access_key_id = AKIAPLAIN\naws_secret_access_key = pl/ain#1\n')
  const of = (profile: string) => ({ profile, config_file, shared_credentials_file })

  it('has keys in one file and the region in the other', async () => {
    expect(regionOf(of('plain'))).toBe('eu-central-1')
    expect(await stage(of('plain'), () => undefined).signed()).toEqual(['AKIAPLAIN', undefined])
    expect(awsProblems(of('plain'))).toEqual([])
  })

  it('assumes its role with another profile, or with the instance, or with a token', async () => {
    const role = stage(of('role'), () => assumed('role'))
    expect(await role.signed()).toEqual(['ASIA-role', 'session-role'])
    expect(formOf(role.transport.asked[0])).toMatchObject({
      ExternalId: 'from-file',
      RoleArn: 'arn:aws:iam::1:role/of-profile',
    })
    expect(role.transport.asked[0]?.headers['authorization']).toContain('AKIAPLAIN')
    const web = stage(of('web'), () => assumed('web'))
    expect(await web.signed()).toEqual(['ASIA-web', 'session-web'])
    const instance = stage(of('instance'), (asked) => {
      if (asked.origin.includes('sts')) return assumed('on-ec2')
      return asked.path.endsWith('/') || asked.method === 'PUT' ? { body: 'name' } : { body: keys('ec2') }
    })
    expect(await instance.signed()).toEqual(['ASIA-on-ec2', 'session-on-ec2'])
  })

  it.each([
    ['nobody', 'there is no profile "nobody"'],
    ['empty', 'has neither keys nor a role'],
    ['lonely', 'has a role but no source_profile'],
    ['sso', 'signs in with IAM Identity Center, which the gateway does not do'],
    ['process', 'runs a process for its keys, which the gateway does not do'],
    ['circle', 'too long a chain of source_profile'],
  ])('called %s is refused in words', async (profile, words) => {
    await expect(stage(of(profile), () => undefined).signed()).rejects.toMatchObject({
      code: 'provider_authentication',
      message: expect.stringContaining(words) as unknown,
    })
  })

  it('is a problem of the configuration where it or its files are not there, or nothing says the region', () => {
    expect(awsProblems(of('nobody'))).toEqual([{ field: 'profile', message: "is in neither of AWS's files" }])
    expect(awsProblems(of('role'))).toEqual([{ field: 'profile', message: 'has no region', hint: 'set `region`' }])
    expect(awsProblems({ ...of('role'), region: 'eu-west-1' })).toEqual([])
    expect(awsProblems({ profile: 'x', config_file: join(dir, 'none') })).toEqual([
      { field: 'config_file', message: 'does not exist' },
    ])
    expect(awsProblems({ profile: 'x' })).toEqual([{ field: 'profile', message: "is in neither of AWS's files" }])
  })
})

describe('a container', () => {
  it('of ECS is asked at the path it was told', async () => {
    const { signed, transport } = stage({ container_credentials_path: '/v2/credentials/1' }, () => ({
      body: keys('task'),
    }))
    expect(await signed()).toEqual(['ASIA-task', 'session-task'])
    expect(transport.asked[0]).toMatchObject({
      method: 'GET',
      origin: 'http://169.254.170.2',
      path: '/v2/credentials/1',
    })
  })

  it('of EKS is asked with the token in a file', async () => {
    const identity = {
      container_credentials_url: 'http://169.254.170.23/v1/credentials',
      container_token_file: fileOf('pod-token\n'),
    }
    const { signed, transport } = stage(identity, () => ({ body: keys('pod') }))
    expect(await signed()).toEqual(['ASIA-pod', 'session-pod'])
    expect(transport.asked[0]?.headers['authorization']).toBe('pod-token')
  })
})

describe('an EC2 instance', () => {
  it('is asked in a session, and again before its keys end', async () => {
    const { clock, signed, transport } = stage({ instance_role: true }, (asked, count) => {
      if (asked.method === 'PUT') return { body: 'session-1' }
      if (asked.path.endsWith('/security-credentials/')) return { body: 'the role\n' }
      return { body: { Code: 'Success', ...keys(`i${count}`, iso(start, count * hour)) } }
    })
    expect(await signed()).toEqual(['ASIA-i3', 'session-i3'])
    expect(
      transport.asked.map(({ method, path, headers }) => [method, path, headers['x-aws-ec2-metadata-token']]),
    ).toEqual([
      ['PUT', '/latest/api/token', undefined],
      ['GET', '/latest/meta-data/iam/security-credentials/', 'session-1'],
      ['GET', '/latest/meta-data/iam/security-credentials/the%20role', 'session-1'],
    ])
    expect(transport.asked[0]?.headers['x-aws-ec2-metadata-token-ttl-seconds']).toBe('21600')
    await clock.advance(3 * hour - 5000)
    expect(await signed()).toEqual(['ASIA-i6', 'session-i6'])
  })

  it('that is none is told so', async () => {
    await expect(stage({ instance_role: true }, () => undefined).signed()).rejects.toMatchObject({
      message:
        'AWS: the EC2 instance gave no token, because 169.254.169.254 could not be reached. It exists on EC2 alone: elsewhere set `profile` or `access_key_id`.',
    })
  })

  it.each([
    ['no keys', { Code: 'Failed' }],
    ['no end', { ...keys('x'), Expiration: undefined }],
  ])('that gives %s is not taken at its word', async (_what, body) => {
    const { signed } = stage({ instance_role: true }, () => ({ body }))
    await expect(signed()).rejects.toMatchObject({ code: 'provider_authentication' })
  })
})
