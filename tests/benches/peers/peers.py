"""Runs peers over the data a benchmark hands over, and answers in JSON.

Reads one JSON object from the file named, with any of these questions; a peer that is not installed answers null:

  retrieval  {name: [{"sessions": [[turn, ...], ...], "questions": [{"text", "turns": [[s, t], ...], "sessions": [s]}]}]}
  templates  {"lines": [...], "apart": [a, b]}
  sequences  [[[step, ...], ...], ...]      runs of several halves of a corpus
"""

import json
import re
import sqlite3
import sys
import time

WORD = re.compile(r"\w+")


def words(text):
    return WORD.findall(text.lower())


def by_rank_bm25(texts):
    from rank_bm25 import BM25Okapi

    index = BM25Okapi([words(text) or [""] for text in texts])

    def search(question, count):
        scores = index.get_scores(words(question))
        return sorted(range(len(texts)), key=lambda at: -scores[at])[:count]

    return search


def by_bm25s(texts):
    import bm25s

    index = bm25s.BM25()
    index.index([words(text) or [""] for text in texts], show_progress=False)

    def search(question, count):
        found, _ = index.retrieve([words(question)], k=min(count, len(texts)), show_progress=False)
        return [int(at) for at in found[0]]

    return search


def by_fts5(texts):
    base = sqlite3.connect(":memory:")
    base.execute("CREATE VIRTUAL TABLE texts USING fts5(body)")
    base.executemany("INSERT INTO texts(rowid, body) VALUES (?, ?)", enumerate(texts))

    def search(question, count):
        asked = " OR ".join(f'"{word}"' for word in words(question))
        if not asked:
            return []
        rows = base.execute("SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY rank LIMIT ?", (asked, count))
        return [at for (at,) in rows]

    return search


def share(wanted, found):
    return len(wanted & set(found)) / len(wanted)


def retrieval(corpora, peer):
    sums = dict(turns_at_5=0.0, turns_at_10=0.0, reciprocal=0.0, sessions_at_5=0.0, any_at_5=0.0)
    questions = 0
    for corpus in corpora:
        places = [(s, t) for s, turns in enumerate(corpus["sessions"]) for t in range(len(turns))]
        by_turn = peer([corpus["sessions"][s][t] for s, t in places])
        by_session = peer(["\n".join(turns) for turns in corpus["sessions"]])
        for asked in corpus["questions"]:
            questions += 1
            sessions = set(asked["sessions"])
            found = by_session(asked["text"], 5)
            sums["sessions_at_5"] += share(sessions, found)
            sums["any_at_5"] += bool(sessions & set(found))
            turns = {tuple(turn) for turn in asked["turns"]}
            if not turns:
                continue
            found = [places[at] for at in by_turn(asked["text"], 100)]
            sums["turns_at_5"] += share(turns, found[:5])
            sums["turns_at_10"] += share(turns, found[:10])
            sums["reciprocal"] += next((1 / (rank + 1) for rank, at in enumerate(found) if at in turns), 0.0)
    return {name: total / questions for name, total in sums.items()}


def templates(asked):
    from drain3 import TemplateMiner
    from drain3.template_miner_config import TemplateMinerConfig

    miner = TemplateMiner(config=TemplateMinerConfig())
    started = time.perf_counter()
    for line in asked["lines"]:
        miner.add_log_message(line)
    took = time.perf_counter() - started
    fresh, apart = TemplateMiner(config=TemplateMinerConfig()), asked["apart"]
    groups = {fresh.add_log_message(line)["cluster_id"] for line in apart}
    return {
        "templates": len(miner.drain.clusters),
        "lines_per_second": len(asked["lines"]) / took,
        "keeps_apart": len(groups) == len(apart),
    }


def sequences(halves):
    from prefixspan import PrefixSpan

    answer = []
    for walks in halves:
        span = PrefixSpan(walks)
        span.minlen, span.maxlen = 2, 4
        least = max(3, len(walks) // 20)
        found = [pattern for count, pattern in span.topk(50, closed=True) if count >= least]
        answer.append(found)
    return answer


def tried(work, *arguments):
    try:
        return work(*arguments)
    except ImportError:
        return None


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    peers = {"rank_bm25": by_rank_bm25, "bm25s": by_bm25s, "fts5": by_fts5}
    answer = {}
    if "retrieval" in asked:
        answer["retrieval"] = {
            name: {peer: tried(retrieval, corpora, index) for peer, index in peers.items()}
            for name, corpora in asked["retrieval"].items()
        }
    if "templates" in asked:
        answer["templates"] = tried(templates, asked["templates"])
    if "sequences" in asked:
        answer["sequences"] = tried(sequences, asked["sequences"])
    json.dump(answer, sys.stdout)


main()
