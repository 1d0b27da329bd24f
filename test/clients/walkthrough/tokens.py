import json, os, urllib.error, urllib.request, uuid

PAT = os.environ['OBSERVE24_PAT']


def call(method, path, token, body=None):
    request = urllib.request.Request(
        f'https://api.24observe.com{path}',
        method=method,
        headers={
            'authorization': f'Bearer {token}',
            'idempotency-key': str(uuid.uuid4()),
            'content-type': 'application/json',
        },
        data=None if body is None else json.dumps(body).encode(),
    )
    try:
        with urllib.request.urlopen(request) as answer:
            status, text = answer.status, answer.read()
    except urllib.error.HTTPError as refusal:
        status, text = refusal.code, refusal.read()
    return {'status': status, 'body': json.loads(text) if text else None}


minted = call('POST', '/api/v1/me/tokens', PAT, {
    'name': 'aeoniti-bot',
    'scopes': ['monitors:write', 'logs:write'],
    'dailyMutationLimit': 500,
    'dailyLogBytesLimit': 104857600,
})
token = minted['body']['token']
print(json.dumps({
    'minted': minted,
    'listed': call('GET', '/api/v1/me/tokens', PAT),
    'wrong': call('POST', '/api/v1/me/tokens', PAT, {'name': '', 'scopes': ['monitors:fly'], 'colour': 'red'}),
    'beyondScope': call('GET', '/api/v1/me/tokens', token),
    'revoked': call('DELETE', f"/api/v1/me/tokens/{minted['body']['id']}", PAT),
    'afterwards': call('GET', '/api/v1/me/tokens', token),
}))
