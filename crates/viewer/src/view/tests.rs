use proptest::prelude::*;
use replayscope_session::colormap;
use replayscope_session::environment::Bounds;
use replayscope_session::projection::Projection;
use replayscope_session::range::{in_float32, of_extremes};
use serde_json::{Value, json};

use super::*;

fn defaults() -> ViewState {
    let bounds = Bounds { x: [0.0, 100.0], y: [-20.0, 20.0] };
    let space = Space { bins: 175, bounds, linearised: Some(Bounds { x: [0.0, 300.0], y: [-10.0, 10.0] }) };
    ViewState::new(
        0.0,
        space,
        vec![Layer::field("posterior"), Layer::region("goal"), Layer::position("position")],
    )
}

#[test]
fn a_state_is_the_object_of_the_handle() {
    let mut state = defaults();
    let object = json!({
        "time": 0.0, "camera": {"x": 50.0, "y": 0.0, "zoom": 1.0, "rotation": 0},
        "scene": {"background": "#14161a", "borders": false, "axes": false, "scaleBar": true, "linearised": false, "fitAxes": false}, "pinned": [], "speed": 1.0, "loop": "off", "projection": "max",
        "pace": "time", "gaps": "wait", "selection": null,
        "layers": [
            {"name": "posterior", "kind": "field", "visible": true, "opacity": 1.0, "colormap": "viridis",
             "limits": null, "gamma": 1, "reversed": false, "log": false, "floor": null, "center": null, "steps": null,
             "fade": false, "noData": "#6b5b5b", "under": null, "over": null},
            {"name": "goal", "kind": "region", "visible": true, "opacity": 0.3},
            {"name": "position", "kind": "position", "visible": true, "opacity": 1.0},
        ],
    });
    assert_eq!(serde_json::to_value(&state).unwrap(), object);
    // A state is also a patch.
    let other = json!({"time": 3, "layers": [{"name": "posterior", "limits": [0, 1]}]});
    assert_eq!(state.patch(&other.into()), Vec::<String>::new());
    assert_ne!(state, defaults());
    assert_eq!(state.patch(&object.clone().into()), Vec::<String>::new());
    assert_eq!(state, defaults());
}

#[test]
fn bad_values_are_clamped_or_ignored_and_named() {
    let patched = |patch: Value| {
        let mut state = defaults();
        let notices = state.patch(&patch.into());
        (state, notices)
    };
    let (state, notices) = patched(json!({"speed": 1000, "camera": {"zoom": 0, "x": "left"}}));
    assert_eq!((state.speed, state.camera.zoom, state.camera.x), (64.0, 1.0, 50.0));
    assert_eq!(notices.len(), 3);
    assert!(
        notices.iter().any(|n| n.contains("speed") && n.contains("1000") && n.contains("64")),
        "{notices:?}"
    );
    assert!(notices.iter().any(|n| n.contains("camera x") && n.contains("left")), "{notices:?}");

    let layers = json!([
        {"name": "posterior", "gamma": 9, "opacity": -1, "colormap": "jet", "limits": [1, 1]},
        {"name": "position", "gamma": 1, "visible": "no"},
        {"name": "ripples"}, {}, 7,
    ]);
    let (state, notices) = patched(json!({ "layers": layers }));
    assert_eq!(notices.len(), 9, "{notices:?}");
    assert!(notices.iter().any(|n| n.contains("jet") && n.contains("viridis")), "{notices:?}");
    assert!(notices.iter().any(|n| n.contains("ripples")), "{notices:?}");
    assert_eq!(state.coloring(0).unwrap(), &Coloring { gamma: 2.0, ..Coloring::default() });
    assert_eq!(state.layers[0].opacity, 0.0);

    for patch in [
        json!(7),
        json!({"time": "x"}),
        json!({"loop": 3}),
        json!({"layers": {}}),
        json!({"zoom": 2}),
        json!({"pace": "fast"}),
        json!({"gaps": "close"}),
        json!({"selection": [2, 1]}),
        json!({"selection": 3}),
    ] {
        let (state, notices) = patched(patch.clone());
        assert_eq!((state, notices.len()), (defaults(), 1), "{patch}");
    }
    // Limits must stay apart in float32.
    for limits in [
        json!([0.1, 0.100_000_000_001]),
        json!([1, 0]),
        json!([0, 1e39]),
        json!([null, "x"]),
        json!([0]),
        json!(3),
        json!("all"),
    ] {
        let (state, notices) = patched(json!({"layers": [{"name": "posterior", "limits": limits}]}));
        assert_eq!((state, notices.len()), (defaults(), 1));
    }
    for (key, value) in [
        ("reversed", json!(1)),
        ("log", json!("yes")),
        ("fade", json!(0)),
        ("floor", json!(0)),
        ("floor", json!(-1)),
        ("center", json!("middle")),
        ("steps", json!("few")),
        ("noData", json!("red")),
        ("under", json!("#12345")),
        ("over", json!(7)),
    ] {
        let (state, notices) = patched(json!({"layers": [{"name": "posterior", key: value}]}));
        assert_eq!((state, notices.len()), (defaults(), 1), "{key}");
        assert!(notices[0].contains(key), "{notices:?}");
    }
    let (state, notices) =
        patched(json!({"layers": [{"name": "posterior", "steps": 1}], "scene": {"background": "blue"}}));
    assert_eq!((state.coloring(0).unwrap().steps, notices.len()), (Some(2), 2));
    // Null is not given where something has to be, and takes away what need not be.
    let all = json!({"name": "posterior", "limits": [0, null], "floor": 1e-6, "center": 0.5, "steps": 7, "under": "#0072b2",
        "over": "#d55e00", "gamma": 0.5, "colormap": "cmo.phase"});
    let (mut state, notices) = patched(json!({ "layers": [all] }));
    assert_eq!(notices, Vec::<String>::new());
    let none = json!({"name": "posterior", "limits": null, "floor": null, "center": null, "steps": null, "under": null,
        "over": null, "gamma": null, "colormap": null, "log": null});
    assert_eq!(state.patch(&json!({ "layers": [none] }).into()), Vec::<String>::new());
    let left = Coloring { gamma: 0.5, colormap: "cmo.phase".to_owned(), ..Coloring::default() };
    assert_eq!(state.coloring(0).unwrap(), &left);
    // Null is not given.
    assert_eq!(patched(json!({"time": null, "camera": null, "layers": null})), (defaults(), vec![]));
}

/// A link always shows some of the environment, and a notice names each value that was changed.
#[test]
fn a_camera_that_shows_nothing_is_moved_to_where_it_does_and_told() {
    let mut state = defaults();
    let notices = state.patch(&from_fragment("c=1e9,-1e9,4").0);
    assert_eq!(notices.len(), 2, "{notices:?}");
    assert_eq!(notices[0], "Set camera x to 112.5, the allowed value nearest to 1000000000.");
    assert_eq!(state.camera, Camera { x: 112.5, y: -25.0, zoom: 4.0, rotation: 0 });
    // Half of what is shown beyond the ends of 0 to 100 and −20 to 20 at four times the size: exactly so far.
    for (x, y) in [(112.5, 25.0), (-12.5, -25.0), (50.0, 0.0)] {
        assert_eq!(state.patch(&json!({"camera": {"x": x, "y": y}}).into()), Vec::<String>::new());
        assert_eq!((state.camera.x, state.camera.y), (x, y));
    }
    // Closer, it would look past the environment; and farther than all of it there is nothing.
    state.patch(&json!({"camera": {"x": 112.5}}).into());
    assert_eq!(state.patch(&json!({"camera": {"zoom": 100}}).into()).len(), 1);
    assert_eq!(state.camera.x, 100.5);
    assert!(state.patch(&json!({"camera": {"zoom": 0.5}}).into())[0].contains("Set zoom to 1"));
    // Side by side it is another environment.
    state.patch(&json!({"scene": {"linearised": true}}).into());
    assert_eq!(state.patch(&json!({"camera": {"x": 250}}).into()), Vec::<String>::new());
    // As many as one keeps: what is on one point is never left.
    state.space.linearised = Some(Bounds { x: [7.0; 2], y: [0.0; 2] });
    state.patch(&json!({"camera": {"x": 8}}).into());
    assert_eq!((state.camera.x, state.camera.y), (7.0, 0.0));
}

#[test]
fn a_link_says_only_what_differs() {
    let mut state = defaults();
    // But for the colormap of what is visible.
    assert_eq!(state.to_fragment(&defaults()), "t=0&v=1&l=posterior;c:viridis");
    let patch = json!({
        "time": 12.5, "camera": {"zoom": 2}, "speed": 0.25, "loop": "bounce", "projection": "mean",
        "pace": "frames", "gaps": "skip", "selection": [12.5, 13.25],
        "layers": [
            {"name": "posterior", "colormap": "magma", "limits": [0, 0.5], "gamma": 0.8},
            {"name": "position", "visible": false, "opacity": 0.5},
        ],
    });
    state.patch(&patch.into());
    let fragment = state.to_fragment(&defaults());
    let expected = "t=12.5&v=1&c=50,0,2&s=0.25&lp=bounce&pj=mean&pc=frames&gp=skip&sel=12.5,13.25&l=posterior;c:magma;r:0,0.5;g:0.8&l=position;o:0.5;h";
    assert_eq!(fragment, expected);
    // As a chat or a mail program may have written it.
    for text in [format!("#{expected}"), expected.replace(',', "%2C").replace(':', "%3A").replace("%3A", ":")]
    {
        let mut read = defaults();
        let (patch, notices) = from_fragment(&text);
        assert_eq!((notices, read.patch(&patch)), (vec![], vec![]));
        assert_eq!(read, state);
    }
    // Back from what a session starts with.
    let back = defaults().to_fragment(&state);
    assert!(["r:auto", "h:0", "pc=time", "sel=none"].iter().all(|part| back.contains(part)), "{back}");
}

#[test]
fn what_is_shown_with_the_bins_is_in_the_link() {
    let mut state = defaults();
    let scene = json!({"borders": true, "scaleBar": false, "linearised": true});
    let patch = json!({"camera": {"x": 7, "rotation": 270}, "scene": scene, "pinned": [3, 170, 3]});
    assert_eq!(state.patch(&patch.into()), Vec::<String>::new());
    // The camera is that of the bins side by side, but for what was said of it.
    assert_eq!(state.camera, Camera { x: 7.0, y: 0.0, zoom: 1.0, rotation: 270 });
    assert_eq!(state.pinned, [3, 170]);
    let fragment = state.to_fragment(&defaults());
    assert_eq!(fragment, "t=0&v=1&c=7,0,1&ro=270&bb=1&sb=0&ln=1&pin=3,170&l=posterior;c:viridis");
    let mut read = defaults();
    assert_eq!(read.patch(&from_fragment(&fragment).0), Vec::<String>::new());
    assert_eq!(read, state);
    assert_eq!(defaults().to_fragment(&state), "t=0&v=1&bb=0&sb=1&ln=0&pin=&l=posterior;c:viridis");
    // Back in space all of it is shown, whatever the camera was.
    let back = json!({"scene": {"linearised": false}});
    assert_eq!(state.patch(&back.into()), Vec::<String>::new());
    assert_eq!(state.camera, defaults().camera);

    let refused = |patch: Value| {
        let mut state = defaults();
        state.space.linearised = None;
        let notices = state.patch(&patch.into());
        assert_eq!(state, ViewState { space: state.space, ..defaults() });
        notices
    };
    for (patch, word) in [
        (json!({"scene": {"linearised": true}}), "not a track"),
        (json!({"scene": {"axes": 1}}), "true or false"),
        (json!({"scene": {"north": true}}), "north"),
        (json!({"scene": true}), "an object"),
        (json!({"camera": {"rotation": 45}}), "45"),
        (json!({"pinned": [175]}), "below 175"),
        (json!({"pinned": [-1]}), "-1"),
        (json!({"pinned": 3}), "a list of bins"),
    ] {
        let notices = refused(patch);
        assert!(notices.len() == 1 && notices[0].contains(word), "{notices:?}");
    }
    let many = json!({"pinned": (0..100).collect::<Vec<_>>()});
    let mut state = defaults();
    assert!(state.patch(&many.into())[0].contains("100"));
    assert_eq!(state.pinned.len(), MOST_PINNED);
}

#[test]
fn all_colours_are_in_the_link() {
    let mut state = defaults();
    let layer = json!({"name": "posterior", "colormap": "CET_D1A", "limits": [null, 0.5], "reversed": true, "log": true,
        "floor": 1e-5, "center": -0.25, "steps": 12, "fade": true, "noData": "#ff00ff", "under": "#0072b2", "over": "#d55e00"});
    let patch = json!({"layers": [layer], "scene": {"background": "#ffffff"}});
    assert_eq!(state.patch(&patch.into()), Vec::<String>::new());
    let fragment = state.to_fragment(&defaults());
    let expected = "t=0&v=1&bg=ffffff&l=posterior;c:CET_D1A;r:auto,0.5;rv:1;lg:1;fl:0.00001;ce:-0.25;n:12;fa:1;nd:ff00ff;un:0072b2;ov:d55e00";
    assert_eq!(fragment, expected);
    let mut read = defaults();
    assert_eq!(read.patch(&from_fragment(&fragment).0), Vec::<String>::new());
    assert_eq!(read, state);
    let back = defaults().to_fragment(&state);
    assert!(
        [
            "bg=14161a",
            "r:auto;",
            "rv:0",
            "lg:0",
            "fl:none",
            "ce:none",
            "n:none",
            "fa:0",
            "un:none",
            "ov:none"
        ]
        .iter()
        .all(|part| back.contains(part)),
        "{back}"
    );
    let follow = json!({"layers": [{"name": "posterior", "limits": "frame"}]});
    state.patch(&follow.into());
    assert!(state.to_fragment(&defaults()).contains(";r:frame;"));
    assert_eq!(read.patch(&from_fragment("l=posterior;r:frame").0), Vec::<String>::new());
    assert_eq!(read.coloring(0).unwrap().limits, Limits::Frame);
}

#[test]
fn limits_in_force_are_the_users_then_the_estimate() {
    let estimated = [0.2, 0.8];
    let of = |limits, center| {
        Coloring { limits, center, ..Coloring::default() }.in_force(estimated, || Some([0.3, 0.4]))
    };
    assert_eq!(of(Limits::Given([None, None]), None), estimated);
    assert_eq!(of(Limits::Given([None, Some(3.0)]), None), [0.2, 3.0]);
    assert_eq!(of(Limits::Given([Some(0.0), Some(3.0)]), None), [0.0, 3.0]);
    assert_eq!(of(Limits::Frame, None), [0.3, 0.4]);
    assert_eq!(of(Limits::Given([Some(-1.0), Some(3.0)]), Some(0.0)), [-3.0, 3.0]);
    assert_eq!(of(Limits::Given([Some(1.0), Some(3.0)]), Some(0.0)), [-3.0, 3.0]);
    // Nothing on screen yet.
    let follows = Coloring { limits: Limits::Frame, ..Coloring::default() };
    assert_eq!(follows.in_force(estimated, || None), estimated);
    // A logarithm has to end above zero, and begins no lower than the limit.
    let log = |floor, limits| {
        Coloring { log: true, floor, ..Coloring::default() }.palette(limits).scale.transform()
    };
    let from = |from| colormap::Transform::Log { from };
    assert_eq!(log(None, [0.0, 0.5]), from(0.5 * FLOOR));
    assert_eq!(log(Some(1e-9), [0.0, 0.5]), from(1e-9));
    assert_eq!(log(Some(1e-9), [0.25, 0.5]), from(0.25));
    assert_eq!(log(None, [-1.0, 0.0]), colormap::Transform::Linear);
}

#[test]
fn links_of_others_never_fail() {
    let (patch, notices) = from_fragment("v=7&t=3&new=thing");
    assert_eq!(patch, json!({"time": 3.0}).into());
    assert_eq!(notices.len(), 2);
    assert!(notices[0].contains('7'), "{notices:?}");
    let (patch, notices) = from_fragment("t=NaN&t=inf&c=1,2&s=&v=x&l=a;r:1;g:b;zz&section-3&s=b&ro=x");
    assert_eq!(patch, json!({"layers": [{"name": "a", "limits": [1.0], "gamma": "b"}]}).into());
    assert_eq!(notices.len(), 9, "8 sentences and how many more: {notices:?}");
    let bad = "l=posterior;r:1;g:b;r:2,1;n:x;nd:red;rv:&bg=#12";
    let mut state = defaults();
    assert_eq!(state.patch(&from_fragment(bad).0).len(), 6);
    assert_eq!(state, {
        let mut usual = defaults();
        usual.patch(&json!({"layers": [{"name": "posterior", "reversed": true}]}).into());
        usual
    });
    assert_eq!(from_fragment(""), (json!({}).into(), vec![]));
    assert_eq!(from_fragment("#"), (json!({}).into(), vec![]));
    let (_, notices) = from_fragment(&format!("t=1&x={}", "é".repeat(100_000)));
    assert!(notices[0].contains("too long"), "{notices:?}");
    assert!(notices.iter().all(|notice| notice.len() < 400));
}

#[test]
fn credentials_never_enter_a_link() {
    let cases = [
        ("https://host/a.zarr", "https://host/a.zarr"),
        ("https://host/a.zarr?versionId=3&list", "https://host/a.zarr?versionId=3&list"),
        ("data/a.zarr?x=1;y=2#posterior", "data/a.zarr?x=1;y=2#posterior"),
        ("https://me:pw@host/a.zarr", "https://host/a.zarr"),
        ("https://me@x:pw@host:8080/a.zarr", "https://host:8080/a.zarr"),
        ("HTTPS:\\\\me:pw@host/a", "HTTPS:\\\\host/a"),
        ("https:me:pw@host/a", "https:host/a"),
        ("//me:pw@host/a", "//host/a"),
        ("ht\ntps://me:p\tw@host/a", "https://host/a"),
        (" https://me:pw@host", "https://host"),
        ("https://host/@lab/a.zarr", "https://host/@lab/a.zarr"),
        ("/@lab/me@home.zarr", "/@lab/me@home.zarr"),
        ("https://host/a?token=s3cret", "https://host/a"),
        ("https://host/a?x=1&Access_Token=s3cret&y=2", "https://host/a?x=1&y=2"),
        ("https://host/a?%74oken=s3cret#p", "https://host/a#p"),
        ("https://host/a?x=1;token=s3cret", "https://host/a?x=1"),
        ("https://host/a#access_token=s3cret&state=1", "https://host/a#state=1"),
        (
            "https://b.s3.amazonaws.com/a?X-Amz-Algorithm=AWS4&X-Amz-Credential=s3cret&X-Amz-Signature=s3cret&versionId=9",
            "https://b.s3.amazonaws.com/a?versionId=9",
        ),
        ("https://b/a?AWSAccessKeyId=s3cret&Expires=12&Signature=s3cret", "https://b/a"),
        ("https://b/a?X-Goog-Signature=s3cret&X-Goog-Date=1", "https://b/a"),
        (
            "https://x.blob.core.windows.net/a?sv=2022&sr=c&sp=rl&se=2030&sig=s3cret&comp=list",
            "https://x.blob.core.windows.net/a?comp=list",
        ),
        ("https://host/a?sr=250&se=4", "https://host/a?sr=250&se=4"),
        ("https://host/a?api-key=s3cret&APIKEY=s3cret&key=s3cret&password=s3cret", "https://host/a"),
        (
            "https://d.cloudfront.net/a?Policy=s3cret&Key-Pair-Id=s3cret&Signature=s3cret",
            "https://d.cloudfront.net/a",
        ),
        ("https://p/?url=https%3A%2F%2Fme%3As3cret%40host%2Fa", "https://p/?url=https%3A%2F%2Fhost%2Fa"),
        (
            "https://p/?token=1&url=https%3A%2F%2Fhost%2Fa%3Ftoken%3Ds3cret%26x%3D1",
            "https://p/?url=https%3A%2F%2Fhost%2Fa%3Fx%3D1",
        ),
    ];
    for (url, expected) in cases {
        let (found, notices) = shareable(url);
        assert_eq!(found, expected, "{url}");
        if has_no_credentials(url) {
            assert_eq!(found, url);
        }
        let clean: String = url.chars().filter(|c| *c > ' ').collect();
        assert_eq!(notices.is_empty(), clean == expected, "{url}: {notices:?}");
        assert!(!format!("{found}{notices:?}").contains("s3cret"), "{url}");
    }
    assert!(has_no_credentials("https://[::1]:8080/a%20b/session.zarr"));
    assert!(!has_no_credentials("https://host/session.zarr?part=2") && !has_no_credentials("session.zarr"));
    let (_, notices) = shareable("https://me:pw@host/a?token=1&sig=2&token=3");
    assert!(notices[0].contains("user name and password, token, sig."), "{notices:?}");
}

/// No session opens with a link's estimates, and no state contains them.
fn without_linked_limits(mut state: ViewState) -> ViewState {
    for layer in &mut state.layers {
        if let Look::Field(coloring) = &mut layer.look {
            coloring.linked = None;
        }
    }
    state
}

#[test]
fn a_link_carries_the_limits_that_were_estimated() {
    let estimated = [0.1, 0.423];
    for (given, expected) in [
        (json!(null), "r:0.1,0.423,auto"),
        (json!([0, null]), "r:0,0.423,auto-high"),
        (json!([null, 1]), "r:0.1,1,auto-low"),
        (json!([0, 1]), "r:0,1"),
        (json!("frame"), "r:frame"),
    ] {
        let mut state = defaults();
        state.patch(&json!({"layers": [{"name": "posterior", "limits": given}]}).into());
        let before = serde_json::to_value(&state).unwrap();
        state.link_limits(0, Some(estimated));
        assert_eq!(serde_json::to_value(&state).unwrap(), before, "the state stays as the user set it");
        let fragment = state.to_fragment(&defaults());
        assert!(fragment.ends_with(&format!("l=posterior;c:viridis;{expected}")), "{fragment}");
        let mut read = defaults();
        let (patch, notices) = from_fragment(&fragment);
        assert_eq!((notices, read.patch(&patch)), (vec![], vec![]));
        assert_eq!(serde_json::to_value(&read).unwrap(), before);
        // Whatever is estimated where the link is opened.
        let in_force =
            |state: &ViewState| state.coloring(0).unwrap().in_force([5.0, 6.0], || Some([0.3, 0.4]));
        assert_eq!(in_force(&read), in_force(&state), "{expected}");
        // Until it is to be estimated there.
        read.patch(&json!({"layers": [{"name": "posterior", "limits": null}]}).into());
        assert_eq!(in_force(&read), [5.0, 6.0]);
    }
    for nonsense in ["r:1,0,auto", "r:0,1,maybe", "r:0,auto,auto", "r:0,1,2", "r:0,inf,auto"] {
        let (patch, _) = from_fragment(&format!("t=0&l=posterior;{nonsense}"));
        let mut read = defaults();
        assert_eq!(read.patch(&patch).len(), 1, "{nonsense}");
        assert_eq!(read, defaults());
    }
}

/// Limits of every origin, and those of a link.
fn limits() -> impl Strategy<Value = (Limits, Option<[f64; 2]>)> {
    let given = (any::<[Option<f32>; 2]>()).prop_filter_map("apart", |ends| {
        let finite = ends.into_iter().flatten().all(f32::is_finite);
        let apart = ends[0].zip(ends[1]).is_none_or(|(a, b)| a < b);
        (finite && apart).then(|| Limits::Given(ends.map(|end| end.map(f64::from))))
    });
    let limits = prop_oneof![4 => given, 1 => Just(Limits::Frame)];
    // A link's estimates stand for the limits that are not given, and are in order with those that are.
    (limits, prop::option::of(any::<[f32; 2]>())).prop_map(|(limits, linked)| {
        let (Limits::Given(given), Some(linked)) = (limits, linked) else { return (limits, None) };
        let ends = [0, 1].map(|end| given[end].unwrap_or(f64::from(linked[end])));
        let is_linked = given.contains(&None) && ends.iter().all(|end| end.is_finite()) && ends[0] < ends[1];
        (limits, is_linked.then_some(ends))
    })
}

/// Any scene, and a camera anywhere that it may be of that scene's bins.
fn camera_and_scene() -> impl Strategy<Value = (Camera, Scene)> {
    let rotation = prop::sample::select(vec![0, 90, 180, 270]);
    let scene = (any::<[bool; 5]>(), any::<[u8; 3]>()).prop_map(
        |([borders, axes, scale_bar, linearised, fit_axes], background)| Scene {
            background,
            borders,
            axes,
            scale_bar,
            linearised,
            fit_axes,
        },
    );
    (scene, 0.0..=1.0, 0.0..=1.0, ZOOMS, rotation).prop_map(|(scene, x, y, zoom, rotation)| {
        let at = |[low, high]: [f64; 2], part: f64| (low + (high - low) * part).clamp(low, high);
        let state = ViewState { scene, ..defaults() };
        let camera = Camera { zoom, rotation, ..state.camera };
        let [within_x, within_y] = camera.reach(state.bounds());
        (Camera { x: at(within_x, x), y: at(within_y, y), ..camera }, scene)
    })
}

/// Any state a viewer can be in, by what [`ViewState::patch`] allows.
fn states() -> impl Strategy<Value = (ViewState, ViewState)> {
    let finite = || any::<f64>().prop_filter("finite", |v| v.is_finite());
    let number =
        move || prop_oneof![finite(), -100.0..100.0, Just(0.0), Just(1e-7), (-9i32..9).prop_map(f64::from)];
    let names: Vec<&str> = colormap::all().map(|(name, _)| name).collect();
    let color = || any::<[u8; 3]>();
    let scale = (prop::option::of(1e-30..1e30), prop::option::of(number()), prop::option::of(2_u16..=256));
    let colors = (color(), prop::option::of(color()), prop::option::of(color()));
    let look = (prop::sample::select(names), limits(), GAMMAS, any::<[bool; 3]>(), scale, colors);
    let look = prop_oneof![
        3 => look.prop_map(|(name, (limits, linked), gamma, [reversed, log, fade], (floor, center, steps), (no_data, under, over))| {
            Look::Field(Coloring {
                colormap: name.to_owned(), limits, linked, gamma, reversed, log, floor, center, steps, fade, no_data, under, over,
            })
        }),
        1 => Just(Look::Position),
        1 => Just(Look::Region),
    ];
    let looks = (look.clone(), look).prop_map(|(a, b)| match (&a, &b) {
        (Look::Field(_), Look::Field(_)) => (a, b),
        _ => (a.clone(), a),
    });
    let layer = (".{0,12}", [any::<bool>(), any::<bool>()], [OPACITIES, OPACITIES], looks).prop_map(
        |(name, visible, opacity, looks)| {
            let layer = |name: &str, i: usize, look| Layer {
                name: name.to_owned(),
                visible: visible[i],
                opacity: opacity[i],
                look,
            };
            [layer(&name, 0, looks.0), layer(&name, 1, looks.1)]
        },
    );
    let layers = prop::collection::vec(layer, 0..5).prop_map(|mut layers| {
        layers.sort_by(|a, b| a[0].name.cmp(&b[0].name));
        layers.dedup_by(|a, b| a[0].name == b[0].name);
        layers
    });
    let pinned = || {
        prop::collection::btree_set(0_u32..175, 0..5)
            .prop_map(|bins| bins.into_iter().rev().collect::<Vec<_>>())
    };
    let mode = || prop::sample::select(LoopMode::NAMES.to_vec()).prop_map(|(_, mode)| mode);
    let projection =
        || prop::sample::select(Projection::NAMES.to_vec()).prop_map(|(_, projection)| projection);
    let pace = || prop::sample::select(Pace::NAMES.to_vec()).prop_map(|(_, pace)| pace);
    let ends = (finite(), finite()).prop_filter_map("apart", |(a, b)| (a < b).then_some([a, b]));
    let selection = move || prop::option::of(ends.clone());
    let gaps = || prop::sample::select(Gaps::NAMES.to_vec()).prop_map(|(_, gaps)| gaps);
    let seen =
        move || (camera_and_scene(), pinned()).prop_map(|((camera, scene), pinned)| (camera, scene, pinned));
    let whole = move || (number(), seen(), SPEEDS, mode(), projection(), pace(), gaps(), selection());
    (whole(), whole(), layers).prop_map(|(a, b, layers)| {
        let state = |(time, (camera, scene, pinned), speed, loop_mode, projection, pace, gaps, selection),
                     i: usize| {
            let layers = layers.iter().map(|layer| layer[i].clone()).collect();
            let space = self::defaults().space;
            ViewState {
                time,
                camera,
                scene,
                pinned,
                speed,
                loop_mode,
                projection,
                pace,
                gaps,
                selection,
                layers,
                space,
            }
        };
        (state(a, 0), state(b, 1))
    })
}

/// The lowest and the highest value of a field; `None` where it holds no finite value.
fn extremes() -> impl Strategy<Value = Option<[f32; 2]>> {
    let value = || {
        let odd = prop_oneof![Just(f32::MAX), Just(-f32::MAX), Just(0.0), Just(1e-45)];
        prop_oneof![any::<f32>().prop_filter("finite", |value| value.is_finite()), odd, -1f32..1.0]
    };
    prop::option::of((value(), value()).prop_map(|(a, b)| [a.min(b), a.max(b)]))
}

proptest! {
    #[test]
    fn limits_around_a_centre_can_always_be_drawn(
        extremes in extremes(), given in any::<[Option<f32>; 2]>(), center in prop::option::of(any::<f32>()),
    ) {
        let given = given.map(|limit| limit.filter(|limit| limit.is_finite()).map(f64::from));
        prop_assume!(given[0].zip(given[1]).is_none_or(|(low, high)| low < high));
        let coloring = Coloring {
            limits: Limits::Given(given),
            center: center.filter(|center| center.is_finite()).map(f64::from),
            ..Default::default()
        };
        let limits = coloring.in_force(of_extremes(extremes), || None);
        let [low, high] = in_float32(limits).map(|limit| limit as f32);
        prop_assert!(low < high && low.is_finite() && high.is_finite(), "{} {}", low, high);
    }
}

proptest! {
    #[test]
    fn a_link_round_trips((defaults, state) in states()) {
        let defaults = without_linked_limits(defaults);
        let fragment = state.to_fragment(&defaults);
        prop_assert!(fragment.is_ascii() && !fragment.contains(char::is_whitespace), "{}", fragment);
        let (patch, notices) = from_fragment(&fragment);
        prop_assert_eq!(notices, Vec::<String>::new());
        let mut read = defaults;
        prop_assert_eq!(read.patch(&patch), Vec::<String>::new());
        prop_assert_eq!(read, state);
    }

    #[test]
    fn a_state_round_trips_as_an_object((defaults, state) in states()) {
        let [defaults, state] = [defaults, state].map(without_linked_limits);
        let mut read = defaults;
        let object = serde_json::to_value(&state).unwrap();
        prop_assert_eq!(read.patch(&object.into()), Vec::<String>::new());
        prop_assert_eq!(read, state);
    }

    #[test]
    fn any_text_is_a_link(text in prop_oneof![".{0,200}", "([tvcsl]|lp|pj|pc|sel|ro|pin|ln|bb|bg|fx)=[-0-9a-z.,:;%&=]{0,80}"]) {
        let (patch, _) = from_fragment(&text);
        let mut state = defaults();
        state.patch(&patch);
        prop_assert!(state.time.is_finite() && ZOOMS.contains(&state.camera.zoom) && SPEEDS.contains(&state.speed));
        shareable(&text);
    }

    #[test]
    fn what_is_shareable_stays_so(text in "(https?:)?[/\\\\]{0,3}([a-z@:]{0,8}[/?#&;=]){0,6}(token|sig|x)?=?[a-z@%/?&]{0,12}") {
        let (once, _) = shareable(&text);
        prop_assert_eq!(shareable(&once), (once.clone(), vec![]), "{}", text);
    }

    #[test]
    fn an_address_without_credentials_is_shared_as_it_is(url in "https?:/{0,3}[-a-z0-9_.:@\\[\\]]{0,12}(/[-a-z0-9_.~/%+,()!'@;?#&=]{0,4}){0,3}") {
        if has_no_credentials(&url) {
            prop_assert_eq!(shareable(&url), (url.clone(), vec![]));
        }
    }
}
