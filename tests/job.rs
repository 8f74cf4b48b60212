//! What the page's worker does: a job's words, and the reports until it is over.

#![allow(clippy::unwrap_used)]

use time_wait_lab::adversary::chart::{LENGTHS, at_length};
use time_wait_lab::adversary::job::{Job, LENGTHS_ACTS, MOST_ACTS, Question};
use time_wait_lab::adversary::lost::{CELLS, MOST};
use time_wait_lab::adversary::theorem::{Defence, Premise, row};
use time_wait_lab::adversary::work::{Report, Work};
use time_wait_lab::world::{Verdict, parse_scenario, simulate, verdicts};

/// Every report of a job that is done in slices.
fn reports(job: &str, slice: u32) -> Vec<Report> {
    let mut work = Work::new(&job.parse().unwrap()).unwrap();
    let mut all = Vec::new();
    loop {
        let is_over = work.go_on(slice);
        all.push(work.report());
        assert_eq!(all.last().unwrap().is_over, is_over);
        if is_over {
            return all;
        }
    }
}

fn shows(scenario: &str, verdict: Verdict) -> bool {
    let trace = simulate(&parse_scenario(scenario).unwrap());
    verdicts(&trace).iter().any(|judgement| judgement.verdict == verdict)
}

#[test]
fn words_of_a_job_read_back() {
    let jobs = [
        Job::Theorem(Question::default()),
        Job::Theorem(Question {
            without: vec![Premise::Length, Premise::NewIss],
            defences: vec![Defence::IsnClock],
            acts: 0,
        }),
        Job::Lengths(LENGTHS_ACTS),
        Job::Lengths(MOST_ACTS),
        Job::LostAcks,
    ];
    for job in jobs {
        assert_eq!(job.to_string().parse(), Ok(job.clone()), "{job}");
    }
    assert_eq!(Job::Theorem(Question::default()).to_string(), "theorem");
    let twice = "theorem acts-2 without-new-iss without-length without-length";
    assert_eq!(
        twice.parse::<Job>().unwrap().to_string(),
        "theorem without-length without-new-iss acts-2"
    );
    for (text, word) in [
        ("", ""),
        ("theorems", "theorems"),
        ("theorem acts-5", "acts-5"),
        ("theorem acts-", "acts-"),
        ("theorem without-hope", "without-hope"),
        ("theorem with-length", "with-length"),
        ("lengths without-length", "without-length"),
        ("lost-acks acts-1", "acts-1"),
    ] {
        assert_eq!(text.parse::<Job>().unwrap_err().0, word, "{text}");
    }
}

#[test]
fn the_theorem_is_reported_as_its_row() {
    let all = reports("theorem acts-2", 1_000);
    let whole = row(&[], &Defence::USUAL, 2).unwrap();
    let last = all.last().unwrap();
    assert_eq!(last.tried.states, whole.tried.states);
    assert!(last.is_whole && last.found.is_empty() && all.len() > 20);
    assert!(all.windows(2).all(|pair| pair[0].tried.states <= pair[1].tried.states));

    let all = reports("theorem without-length acts-2", 1_000);
    let first = all.iter().find(|report| !report.found.is_empty()).unwrap();
    let last = all.last().unwrap();
    let shortest = last.found.iter().min_by_key(|run| (run.acts, run.steps)).unwrap();
    // The first that is found is the shortest, long before the search is over.
    assert_eq!(&first.found[0], shortest);
    assert!(first.tried.states * 2 < last.tried.states);
    for run in &last.found {
        assert!(shows(&run.scenario, run.verdict), "{}", run.scenario);
    }
}

#[test]
fn the_chart_of_lengths_is_reported_point_by_point() {
    let all = reports("lengths acts-1", 5_000);
    let points: Vec<_> = all.iter().flat_map(|report| &report.points).collect();
    assert_eq!(points.len(), LENGTHS.len() * 4);
    for (point, place) in points.iter().zip(0..) {
        assert_eq!(u32::from(point.length), place / 4);
        assert_eq!(point.ways > 0, point.run.is_some());
    }
    let four = at_length(4, 1).unwrap();
    for (point, ours) in four.iter().zip(&points[16..]) {
        assert_eq!((point.verdict, point.ways), (ours.verdict, ours.ways));
        assert_eq!(ours.is_certain, point.whole && point.unreal == 0);
    }
    let last = all.last().unwrap();
    assert!(last.is_whole && last.done == Some(1_000));
    assert!(all.windows(2).all(|pair| pair[0].tried.states <= pair[1].tried.states));
}

#[test]
fn the_chart_of_lost_acks_shows_what_it_counts() {
    let all = reports("lost-acks", 1);
    let points: Vec<_> = all.iter().flat_map(|report| &report.lost).collect();
    assert_eq!(points.len(), CELLS);
    for point in points {
        let drops = point.scenario.lines().filter(|line| line.starts_with("drop ")).count();
        assert_eq!(shows(&point.scenario, Verdict::SpuriousRst), point.count.is_some());
        assert!(point.count.is_none_or(|count| usize::try_from(count).unwrap() == drops));
        assert!(u32::try_from(drops).unwrap() <= MOST + 1);
        if point.wait == 0 {
            assert_eq!(point.count, Some(1), "without TIME-WAIT one is enough");
        }
    }
}

/// Every switch of the screen can be searched, alone and with all others.
#[test]
fn every_question_can_be_asked() {
    for defence in Defence::ALL {
        for is_on in [true, false] {
            let mut question = Question { acts: 0, ..Question::default() };
            question.defend(defence, is_on);
            assert_eq!(question.defences.contains(&defence), is_on);
            for premise in Premise::ALL {
                let mut question = question.clone();
                question.leave_out(premise, true);
                let all = reports(&Job::Theorem(question).to_string(), 10_000);
                assert!(all.last().unwrap().is_whole, "{premise:?} {defence:?}");
            }
            Premise::ALL.into_iter().for_each(|premise| question.leave_out(premise, true));
            let all = reports(&Job::Theorem(question).to_string(), 10_000);
            assert!(all.last().unwrap().tried.states > 100);
        }
    }
}
