curl https://api.24observe.com/api/v1/me/tokens -H 'Authorization: Bearer obs_...'
