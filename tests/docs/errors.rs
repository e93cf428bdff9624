//! `docs/errors.md` has every code with its status and its texts, and no other.

use mediasoup_core::{recording::RecordingError, room::RoomError};
use mediasoup_server::error::{ApiError, Code};

use crate::markdown::{Page, code_spans};

fn rows() -> Vec<Vec<String>> {
    Page::read("docs/errors.md").rows()
}

#[test]
fn every_code_is_documented_with_its_status() {
    let documented: Vec<_> =
        rows().iter().map(|row| (code_spans(&row[0])[0].to_owned(), row[1].clone())).collect();
    let answered: Vec<_> =
        Code::ALL.iter().map(|code| (code.as_str().to_owned(), code.status().as_u16().to_string())).collect();
    assert_eq!(documented, answered);
}

#[test]
fn texts_are_the_servers() {
    let of_rooms = [
        RoomError::RoomNotFound,
        RoomError::RoomFull,
        RoomError::RoomExists("room-123".parse().unwrap()),
        RoomError::ParticipantNotFound,
        RoomError::TransportNotFound,
        RoomError::ProducerNotFound,
        RoomError::ConsumerNotFound,
        RoomError::ProducerLocked,
        RoomError::ShuttingDown,
        RoomError::Internal("unsaid".into()),
    ];
    let of_recordings = [
        RecordingError::InProgress,
        RecordingError::NoRecording,
        RecordingError::NotEnabled,
        RecordingError::FileNotFound,
        RecordingError::FileInUse,
        RecordingError::DiskFull,
        RecordingError::ShuttingDown,
        RecordingError::RoomNotFound,
    ];
    let of_rooms = of_rooms.into_iter().map(ApiError::from);
    for ApiError { code, error: text, .. } in of_rooms.chain(of_recordings.into_iter().map(ApiError::from)) {
        let row = rows().into_iter().find(|row| code_spans(&row[0]) == [code.as_str()]).unwrap();
        assert!(row[2].contains(&text), "{}: {text:?} is not in {:?}", code.as_str(), row[2]);
    }
}
