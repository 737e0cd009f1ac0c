//! Any bytes on a connection, in up to three pieces. The first two bytes of the input give the
//! positions of the cuts, and are not sent.

use std::cell::RefCell;

use fake_lambda::FakeLambda;

use crate::fake::{
    DEADLINE, check_health, check_replies, connect, count_attempts, end_at_panics, fake, read_all,
    send_in_pieces,
};

/// How many inputs one fake gets.
const INPUTS: u32 = 24;

thread_local! {
    static FAKE: RefCell<(u32, Option<FakeLambda>)> = const { RefCell::new((0, None)) };
}

pub fn run(data: &[u8]) {
    end_at_panics();
    if let Some((cuts, bytes)) = data.split_at_checked(2) {
        send(bytes, cuts);
    }
}

/// Sends bytes to a fake, which must answer them and, after every eighth input, a new client.
pub(crate) fn send(bytes: &[u8], cuts: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    FAKE.with_borrow_mut(|(inputs, kept)| {
        if *inputs % INPUTS == 0 {
            *kept = None;
        }
        *inputs += 1;
        let lambda = kept.get_or_insert_with(fake);
        let before = count_attempts(lambda);
        let mut client = connect(lambda);
        send_in_pieces(&mut client, bytes, cuts);
        let received = read_all(&mut client);
        lambda.wait_until_idle().within(DEADLINE).block();
        check_replies(lambda, bytes, &received, count_attempts(lambda) - before);
        if *inputs % 8 == 0 {
            check_health(lambda);
            let journal = lambda.journal();
            drop((
                serde_json::to_string(&journal).unwrap(),
                journal.to_string(),
            ));
            drop((
                lambda.journal().sorted().to_string(),
                lambda.timeline().to_string(),
            ));
        }
    });
}
