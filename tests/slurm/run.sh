#!/usr/bin/env bash
# Sweeps on a real Slurm: munge, slurmctld and two slurmd on this machine's loopback, all their files in a temporary folder.
#
#   tests/slurm/run.sh [REGIMEN]      the program to test; default target/release/regimen
#
# 1. Eight shards, merged, are byte for byte what one process writes.
# 2. A worker is killed in the middle of a second sweep (its slurmd, its step and the shard), and so is the watcher: a second
#    call goes on with the jobs, the sweep completes, and nothing is lost or doubled.
#
# `cargo test` does not run this: it starts daemons and needs root. `.ci/run` does. Without Slurm, munge or root it says so and
# ends well. Ends only processes that it has started. About two minutes.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

say() { printf 'slurm: %s\n' "$*"; }
fail() { printf 'slurm: FAILED: %s\n' "$*" >&2; exit 1; }
for command in munged slurmctld slurmd sbatch scontrol squeue scancel sinfo; do
    PATH="$PATH:/usr/sbin:/sbin" command -v "$command" >/dev/null || { say "skipped: there is no \`$command\` here"; exit 0; }
done
export PATH="$PATH:/usr/sbin:/sbin"
[ "$(id -u)" = 0 ] || { say 'skipped: slurmctld and slurmd are started as root here'; exit 0; }
regimen=$(realpath "${1:-${CARGO_TARGET_DIR:-target}/release/regimen}")
[ -x "$regimen" ] || fail "there is no program \`$regimen\`; build it first"

work=$(mktemp -d)
log=$work/log
pids=()
descendants() { local child; for child in $(pgrep -P "$1"); do echo "$child"; descendants "$child"; done; }
# The processes of the jobs that a node runs, each after its parent, so that none lives to report its child's end: each job has
# a slurmstepd with its number in its name.
steps_on() {
    local job pid
    for job in $(squeue --noheader --array --states=R --nodelist="$1" --format=%A); do
        for pid in $(pgrep -f "^slurmstepd: \[$job\."); do echo "$pid"; descendants "$pid"; done
    done
}
clean() {
    local status=$? pid
    trap - EXIT
    if [ $status -ne 0 ]; then tail -n 20 "$log"/* "$work"/*/*/slurm/logs/* 2>/dev/null || true; fi
    squeue --noheader --format=%A 2>/dev/null | sort -u | xargs -r scancel 2>/dev/null || true
    for pid in $(steps_on n1 2>/dev/null) $(steps_on n2 2>/dev/null); do kill -KILL "$pid" 2>/dev/null || true; done
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$work"
    exit $status
}
trap clean EXIT
begin() { local name=$1; shift; "$@" >"$log/$name" 2>&1 & pids+=($!); started=$!; }
until_true() { # seconds, what, command
    local end=$((SECONDS + $1)) what=$2; shift 2
    until "$@"; do [ $SECONDS -lt $end ] || fail "waited too long for $what"; sleep 0.05; done
}

# A cluster of two workers with one core each. A killed worker is noticed after SlurmdTimeout; Slurm then requeues its task, to
# start when the credential of the first start has expired: after two minutes by default, ten seconds here.
mkdir -p "$work"/{munge,state,n1,n2,log}
chmod 755 "$work" "$work/munge"
head -c 1024 /dev/urandom >"$work/munge/key"
chmod 600 "$work/munge/key"
host=$(hostname -s)
cat >"$work/slurm.conf" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=17000
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket=$work/munge/socket,cred_expire=10
StateSaveLocation=$work/state
SlurmdSpoolDir=$work/%n
SlurmctldPidFile=$work/slurmctld.pid
SlurmdPidFile=$work/slurmd.%n.pid
SlurmctldLogFile=$log/slurmctld.log
SlurmdLogFile=$log/slurmd.%n.log
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
MpiDefault=none
ReturnToService=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
CommunicationParameters=NoInAddrAny
SchedulerParameters=batch_sched_delay=0,sched_interval=1,sched_min_interval=0,bf_interval=1
SlurmdTimeout=5
NodeName=n[1-2] NodeHostname=$host NodeAddr=127.0.0.1 Port=[17001-17002] CPUs=1 RealMemory=1000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
CONF
export SLURM_CONF=$work/slurm.conf
begin munged munged --foreground --force --key-file="$work/munge/key" --socket="$work/munge/socket" \
    --pid-file="$work/munge/pid" --log-file="$log/munge.log" --seed-file="$work/munge/seed"
until_true 20 munge test -S "$work/munge/socket"
begin slurmctld slurmctld -D
begin n1 slurmd -D -N n1
begin n2 slurmd -D -N n2
second_worker=$started
idle() { [ "$(sinfo --noheader --states=idle --format=%D 2>/dev/null)" = 2 ]; }
until_true 60 'two idle workers' idle
say "$(sinfo --version): two workers"

# A folder whose name needs quoting.
project="$work/it's a \"project\" #1"
cp -r tests/slurm/project "$project"
cd "$project"
# The page and its table are read off the points, by `regimen sweep --report` after a merge.
same() {
    diff -r --exclude=sweep.json --exclude=slurm --exclude=report.html --exclude="results.*" "$1" "$2" || fail "\`$2\` is not what one process wrote"
}

began=$SECONDS
"$regimen" sweep doses --quiet --out one
"$regimen" sweep doses --slurm --shards 8 --slurm-option partition=main --out eight
same one eight
[ "$(ls eight/slurm/logs | wc -l)" = 9 ] || fail 'there are not eight logs of shards and one of the merge'
[ "$(squeue --noheader)" = '' ] || fail 'jobs are left'
[ ! -e eight/slurm/shards ] || fail 'folders of shards are left'
"$regimen" sweep doses --slurm --out eight | grep -q '0 runs computed' || fail 'a second call does not find all complete'
say "eight shards are one process, byte for byte ($((SECONDS - began)) s)"

began=$SECONDS
settings=(--set seed=5 --set population.patients=1500)
"$regimen" sweep doses "${settings[@]}" --quiet --out one-more
begin watcher "$regimen" sweep doses "${settings[@]}" --slurm --shards 8 --out killed
watcher=$started
points() { find "killed/slurm/shards/$1/points" -name '*.*' 2>/dev/null | wc -l; }
# The shard of the second worker is let go in small steps, so that it is in its middle when it is killed, however fast it is and
# however slow this script. Its processes are looked for while those known are stopped: they may have begun others.
stop() { kill -STOP $victims 2>/dev/null || true; victims=$(steps_on n2); kill -STOP $victims 2>/dev/null || true; }
in_the_middle() {
    shard=$(squeue --noheader --array --states=R --nodelist=n2 --format=%K)
    victims=$(steps_on n2)
    [ -n "$shard" ] || return 1
    while stop && [ -n "$victims" ]; do
        case $(points "$shard") in
            0) kill -CONT $victims 2>/dev/null || true; sleep 0.05 ;;
            [1-4]) return 0 ;;
            *) kill -CONT $victims 2>/dev/null || true; return 1 ;;
        esac
    done
    return 1
}
until_true 120 'a shard in the middle' in_the_middle
kill -KILL "$second_worker" "$watcher" $victims
say "killed: the watcher, and the worker with shard $shard after $(points "$shard") of 5 runs"
cp killed/slurm/jobs.json "$work/jobs.json"
"$regimen" sweep doses "${settings[@]}" --slurm --out killed
same one-more killed
cmp "$work/jobs.json" killed/slurm/jobs.json || fail 'jobs were submitted again that Slurm had'
grep -q "^shard $shard of 8 .* start 1\$" "killed/slurm/logs/shard-$shard.log" || fail "shard $shard was not started again"
# Every run was computed by one start of one shard, or found by the second start of the killed one.
done_by_shards=$(sed -n 's/^\([0-9]*\) runs* computed in .*, \([0-9]*\) complete before.*/\1 \2/p' killed/slurm/logs/shard-*.log |
    awk '{ computed += $1; before += $2 } END { print computed + before, before }')
[ "${done_by_shards% *}" = 40 ] || fail "40 runs became ${done_by_shards% *}"
[ "${done_by_shards#* }" -ge 1 ] || fail 'what the killed worker had computed was lost'
say "a killed worker and a killed watcher: complete, nothing lost or doubled ($((SECONDS - began)) s)"
