// Both lists are lower case. A word counts with digits and signs around it and with look-alike characters in it, so
// `password` also stands for Password123!, p@ssw0rd2024 and passwordpassword; the second list is for what has no such core.

const words = `
  password passwort passwd pass motdepasse contrasena senha parola wachtwoord haslo welcome welcome1 bienvenue willkommen
  letmein login logmein signin admin administrator root superuser sysadmin user username guest test testing tester demo
  default changeme change secret topsecret private master manager system server service support security secure access
  computer internet google facebook twitter linkedin microsoft windows apple samsung android iphone amazon spotify
  minecraft fortnite roblox playstation nintendo pokemon pikachu mario zelda starwars skywalker startrek matrix batman
  superman spiderman ironman hulk avengers ninja dragon monkey tiger lion eagle falcon phoenix panther jaguar wolf bear
  shadow hunter killer ranger warrior soldier knight wizard merlin gandalf princess queen king prince angel angels devil
  jesus christ blessed heaven lovely loveme iloveyou love lover loveyou ilove you forever together always baby babygirl
  babyboy sweetheart sweetie sunshine sunflower flower butterfly rainbow summer winter spring autumn january february
  march april june july august september october november december monday tuesday wednesday thursday friday saturday
  sunday football baseball basketball soccer hockey tennis golf liverpool chelsea arsenal manchester barcelona realmadrid
  juventus yankees cowboys steelers lakers jordan michael michelle jennifer jessica ashley amanda daniel andrew anthony
  robert william thomas charlie george harley ferrari mercedes porsche mustang corvette yamaha honda toyota nissan chocolate
  cookie cookies banana orange cherry strawberry peanut pepper ginger coffee cheese hello helloworld hallo bonjour goodbye
  whatever nothing something trustno trust money dollar million lucky winner champion success freedom liberty america
  american england london paris berlin canada australia mexico brasil brazil india pakistan indonesia qwerty qwertz azerty
  qwert asdf asdfgh zxcv zxcvbn abc abcd abcdef mypassword newpassword mynewpassword thepassword database oracle mysql
  postgres cisco temp temporary company office work home house family mother father sister brother friend friends buddy
  silver golden diamond platinum purple yellow green black white blue fire water earth wind storm thunder lightning star
  stars galaxy universe moon sun happy smile crazy sexy hottie fuckyou fuckoff bitch asshole pussy bigdick monkeys
`

const whole = `
  1q2w3e4r5t 1q2w3e4r5t6y 1q2w3e4r5t6y7u 1qaz2wsx3edc 1qaz2wsx3edc4rfv 1qazxsw23edc qazwsxedcrfv qazwsxedc123 qwer1234qwer
  q1w2e3r4t5 q1w2e3r4t5y6 qweasdzxc123 qweasdzxcqwe 123qweasdzxc 1234qwerasdf asdf1234asdf zaq12wsxcde3 zaq1zaq1zaq1
  zaq12wsxzaq12wsx a1b2c3d4e5 a1b2c3d4e5f6 1a2b3c4d5e 1a2b3c4d5e6f abcd1234abcd abc123abc123 123abc123abc 1357924680
  2468013579 0987654321 9876543210 1029384756 0192837465 1234512345 1231231231 1123581321 3141592653 3141592654 2718281828
  1472583690 7894561230 1478963250 147258369a 159357159357 147852369147 741852963741 0147852369 q1w2e3r4t5y6u7 1234567891
  12345678910 123456789a 123456789q 123456789z a123456789 q123456789 aa123456789 123456789abc woaini1314 woaini1314520
  5201314520 1314520520 iloveyou123 correcthorsebatterystaple trustno1trustno1 letmeinnow
  openthedoor opensesame opensesame123 whatsmypassword idontknow iforgotmypassword nopassword passwordless
  mypasswordispassword thisismypassword thisisapassword donttouchthis gofuckyourself dragonball dragonballz harrypotter
  lordoftherings gameofthrones manchesterunited fcbarcelona realmadridcf michaeljordan metallica1 linkinpark slipknot666
  backstreet rockandroll rocknroll hellokitty spongebob snoopy1234 mickeymouse donaldduck christopher alexander1 elizabeth1
`

const split = (text: string) => text.split(/\s+/).filter((entry) => entry !== '')

export const commonWords: ReadonlySet<string> = new Set(split(words))

export const commonPasswords: ReadonlySet<string> = new Set([...split(whole), 'correct horse battery staple'])
