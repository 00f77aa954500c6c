"""Writes schedules.txt: what Celery 5.2.6 answers for 10,000 random schedules and times.

    python3 schedules.py > schedules.txt

Each line has the kind of schedule, the schedule, the time zone, the last run and now (seconds since
1970), whether it is due, how many seconds remain, and if it is due how many to the next time.
"""
import random
from datetime import datetime, timezone

import pytz
from celery import Celery
from celery.schedules import crontab, schedule, solar

random.seed(20260801)
ZONES = ["UTC", "UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"]
APPS = {}
for zone in ZONES:
    APPS[zone] = Celery(zone)
    APPS[zone].conf.timezone = zone
START, END = 1577836800, 1893456000  # 2020 to 2030
MINUTE, HOUR, DAY = 60, 3600, 86400
WEEKDAYS = ["sun", "Monday", "tue", "wed", "thursday", "FRI", "sat"]

# In 5.2.6 the end of the night is looked for 18 degrees above the horizon; later versions correct it.
solar._horizons["dusk_astronomical"] = "-18"


def part(low, high, names):
    def value():
        number = random.randint(low, high)
        return names[number] if names and random.random() < 0.5 else str(number)

    kind = random.random()
    if kind < 0.35:
        return value()
    if kind < 0.65:
        return f"{value()}-{value()}"
    if kind < 0.85:
        return f"*/{random.randint(1, (high - low) * 2 // 3 + 1)}"
    return f"{value()}-{value()}/{random.randint(1, (high - low) // 3 + 1)}"


def field(low, high, every, names=None):
    if random.random() < every:
        return "*"
    return ",".join(part(low, high, names) for _ in range(random.choice([1, 1, 1, 2, 3])))


def near_transition(zone):
    times = [t for t in getattr(APPS[zone].timezone, "_utc_transition_times", []) if 2020 <= t.year < 2030]
    if times and random.random() < 0.3:
        return int(random.choice(times).replace(tzinfo=timezone.utc).timestamp()) + random.randint(-DAY, DAY)
    return random.randint(START, END)


def pause():
    return random.choice([
        random.randint(0, 2 * MINUTE), random.randint(0, 3 * HOUR), random.randint(0, 3 * DAY), random.randint(0, 60 * DAY)
    ])


def write(kind, text, zone, last, now, make):
    app = APPS[zone]
    local = [pytz.utc.localize(datetime.utcfromtimestamp(t)).astimezone(app.timezone) for t in (last, now)]
    made = make(app, lambda: local[1])
    due, following = made.is_due(local[0])
    left = made.remaining_estimate(local[0]).total_seconds()
    print(kind, text, zone, last, now, int(due), round(left), round(following) if due else "-", sep="|")


done = 0
while done < 8000:
    zone = random.choice(ZONES)
    fields = [
        field(0, 59, 0.2), field(0, 23, 0.4), field(1, 31, 0.5), field(1, 12, 0.6), field(0, 6, 0.5, WEEKDAYS)
    ]
    last = near_transition(zone)

    def make(app, now):
        minute, hour, day, month, weekday = fields
        return crontab(minute, hour, weekday, day, month, app=app, nowfun=now)

    try:
        write("crontab", " ".join(fields), zone, last, last + pause(), make)
        done += 1
    except RuntimeError:
        pass  # no such day ever comes

for _ in range(1500):
    every = random.choice([random.randint(1, 90), random.randint(1, 7200), random.randint(1, 5 * DAY)])
    relative = random.random() < 0.5
    last = random.randint(START, END)
    write(
        "relative" if relative else "interval", every, "UTC", last, last + pause(),
        lambda app, now: schedule(every, relative=relative, app=app, nowfun=now),
    )

done = 0
while done < 500:
    event = random.choice(sorted(solar._all_events))
    latitude, longitude = round(random.uniform(-65, 65), 2), round(random.uniform(-180, 180), 2)
    last = random.randint(START, END)
    made = solar(event, latitude, longitude, app=APPS["UTC"])
    made.cal.date = datetime.utcfromtimestamp(last)
    try:
        getattr(made.cal, made.method)(made.ephem.Sun(), **({"use_center": True} if made.use_center else {}))
    except made.ephem.CircumpolarError:
        continue  # not on the next day; Celery then runs the task at midnight all the same
    write(
        "solar", f"{event} {latitude} {longitude}", "UTC", last, last,
        lambda app, now: solar(event, latitude, longitude, app=app, nowfun=now),
    )
    done += 1
