def test_a_store_call_fails_as_often_as_it_was_told_to(caller):
    caller.workspace.failing["get"] += 1
    assert [caller.workspace.store_fails("get") for _ in range(2)] == [True, False]
    assert not caller.workspace.store_fails("create")


def test_keeping_a_batch_makes_it_the_last_change(caller):
    first, second = caller.created()["id"], caller.created()["id"]
    batches = caller.workspace.batches
    assert batches[first].change < batches[second].change
    caller.workspace.keep(batches[first])
    assert batches[first].change > batches[second].change


def test_a_set_finds_members_by_label_id_and_batch(caller):
    home, batch_id = caller.home, caller.created()["id"]
    assert home.workspace("same") is home.workspace("a") is home.owner_of(batch_id)
    assert home.by_id(home.workspace("b").id) is home.workspace("b")
    assert (home.by_id("nope"), home.owner_of("nope")) == (None, None)


def test_counts_are_whole_even_when_the_provider_leaves_them_out(caller):
    batch = caller.workspace.batches[caller.created()["id"]]
    batch.shown["request_counts"] = {"total": 4}
    assert batch.counts == {"total": 4, "completed": 0, "failed": 0}


def test_a_batch_remembers_when_it_was_stored_first(caller):
    batch = caller.workspace.batches[caller.created()["id"]]
    stored_at_ms = caller.home.clock.now_ms
    caller.act("clock_advanced", by_ms=5)
    caller.workspace.keep(batch)
    assert (batch.created_at_ms, batch.updated_at_ms) == (stored_at_ms, stored_at_ms + 5)


def test_a_lost_batch_is_gone_for_readers_and_watchers(caller):
    batch_id = caller.created()["id"]
    viewer = caller.watch(batch_id)
    caller.workspace.lose(caller.workspace.batches[batch_id])
    assert caller.get(f"/batches/{batch_id}").status == 404
    assert viewer.frames[-1]["type"] == "job.deleted"
