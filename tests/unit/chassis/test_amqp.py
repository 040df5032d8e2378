"""The topology of the events: what the retry and poison queues promise."""

from services.chassis.amqp import event_queue, poison_queue, retry_queue


def test_queues_survive_a_broker_restart_and_hand_over_safely():
    for queue in (event_queue("crm"), retry_queue("crm", 5)):
        assert queue.durable
        assert queue.queue_arguments["x-queue-type"] == "quorum"
        assert queue.queue_arguments["x-dead-letter-strategy"] == "at-least-once"


def test_what_waits_for_a_retry_comes_back_to_its_consumer():
    queue = retry_queue("crm", 0.5)
    assert queue.queue_arguments["x-message-ttl"] == 500
    assert queue.queue_arguments["x-dead-letter-routing-key"] == event_queue("crm").name


def test_what_ends_the_process_each_time_is_set_aside():
    arguments = event_queue("crm").queue_arguments
    assert arguments["x-delivery-limit"] > 0
    assert arguments["x-dead-letter-routing-key"] == poison_queue("crm").name
