"""Blocks: tables that travel through Beam.

An element is a *named block*, a pair ``(name, pyarrow.Table)`` of some ten to a hundred thousand rows. Every
step is a pure function on tables; the PTransform of the same name only wires it. Only the part of Beam that
every runner gets right is used: ``Create`` of shards, ``FlatMap``, ``GroupByKey``, ``Flatten`` and one final
node. Failures and counters are blocks too.

======================  ====================================================================
module                  holds
======================  ====================================================================
``files``               paths of any fsspec filesystem, atomic writes
``read``                Parquet, JSONL and CSV as blocks; small files together
``keys``                the fixed 64-bit hash that sends a row to its partition
``text``                CSV and JSONL, bad rows as failures
``csv_lines``           lines of a CSV that end within quotes
``shuffle``             map, shuffle by key
``join``                join by key, one side skewed or not
``spill``               slices of a shuffle, in files where the runner keeps its shuffle in memory
``skew``                hot keys, from a sample
``balance``             what was sent must have arrived
``write``               deterministic Parquet files and their reports
``manifest``            run keys, the commit, reading what was committed
``lock``                two runs into one output never mix
``recovery``            what a killed run leaves, and how the next one removes it
``failures``            failures as rows with reason codes, and the rate limit
``engine``              runs a graph on a Beam runner
``launch``              one job from flags to commit
``watchdog``            a worker process that dies ends the run
``progress``            rows done, their rate and time left
``follow``              shows a job at work on stderr
======================  ====================================================================
"""
