#!/bin/sh
# Stands before the agent, as whatever goes wrong on a host and on the way to it: HOME MAY AGENT. What becomes of the next
# change or look is in the file next-change or next-look.
home=$1 may=$2 agent=$3
ending=''
take() { if mv "$home/next-$1" "$home/taken.$$" 2>/dev/null; then ending=$(cat "$home/taken.$$"); fi; }
encode() { printf %s "$1" | base64; }
cut_off() { kill -9 $PPID; exit 1; }

for which in change look; do
  case $(cat "$home/next-$which" 2>/dev/null) in
    early*) take $which ;;
  esac
done
case $ending in
  'early cut') cut_off ;;
  'early gone') exit 127 ;;
esac
printf 'daytwo-agent 1\n'
request=$home/request.$$
verb=''
while IFS= read -r line; do
  printf '%s\n' "$line"
  [ "$line" = end ] && break
done >"$request"
read -r _ verb <"$request"
if [ "$verb" = "$(encode apply)" ]; then take change; else take look; fi
ask() { "$agent" "$may" <"$request" | sed -u 1d; }
change_line() { sed -i "s|^$1 .*|$1 $(encode "$2")|" "$request"; }
hold() {
  : >"$home/holding.$$"
  while [ -e "$home/holding.$$" ]; do sleep 0.05; done
}
case $ending in
  cut) cut_off ;;
  'cut after') ask >/dev/null; cut_off ;;
  truncated) ask >"$home/answer.$$"; head -c "$(($(wc -c <"$home/answer.$$") / 2))" "$home/answer.$$"; exit 0 ;;
  'stalls before') hold ;;
  'stalls after') ask >"$home/answer.$$"; hold; cat "$home/answer.$$"; exit 0 ;;
  strange) change_line verb frobnicate ;;
  forbidden) may=/dev/null ;;
  moved) change_line version 0 ;;
  vanished) change_line release v1 ;;
  busy) mkdir -p "$home/shop/.daytwo"; exec 8>>"$home/shop/.daytwo/lock"; flock 8 ;;
  busy*) printf '%s\nend\n' "$ending"; exit 0 ;;
  dies) exit 1 ;;
  junk) printf 'out 99999\n\377\000 no answer at all\n'; exit 0 ;;
esac
ask
