-- Until then a request that was taken up is that process's alone; which try it is, `attempts` says. Null: nobody took it up yet.
alter table inbox add column claimed_until timestamptz;
