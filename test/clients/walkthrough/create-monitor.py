import json, os, urllib.error, urllib.request, uuid

PAT = os.environ['OBSERVE24_PAT']

request = urllib.request.Request(
    'https://api.24observe.com/api/v1/monitors',
    method='POST',
    headers={
        'authorization': f'Bearer {PAT}',
        'idempotency-key': str(uuid.uuid4()),
        'content-type': 'application/json',
    },
    data=json.dumps({
        'name': 'example.com homepage',
        'url': 'https://example.com',
        'type': 'https',
        'intervalSec': 60,
        'timeoutMs': 10000,
        'alertEmail': 'ops@example.com',
    }).encode(),
)
try:
    with urllib.request.urlopen(request) as answer:
        print('created monitor', json.load(answer)['id'])
except urllib.error.HTTPError as refusal:
    err = json.load(refusal)
    raise SystemExit(f"{refusal.code} {err['code']}: {err['error']}")
