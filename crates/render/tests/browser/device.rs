//! The device and the canvas: errors, a lost device, alpha, sizes of zero.

use futures_util::StreamExt;
use ndarray::Array2;
use replayscope_render::{
    BlockId, Camera, Error, FieldPass, Fold, Gpu, MeshRef, Picture, PositionPass, Renderer, Surface,
    TransferFunction,
};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::wasm_bindgen_test;

use super::common::{BACKGROUND, BLOCK, Grid, Layer, OTHER, empty, gpu, gray, one, picture, pixels, upload};
use super::positions::position;

/// From black at 0 to white at 1.
fn plain() -> TransferFunction {
    let lut = gray();
    Layer { values: Vec::new(), limits: [0.0, 1.0], gamma: 1.0, opacity: 1.0, lut: &lut }.transfer()
}

#[wasm_bindgen_test]
async fn a_see_through_picture_keeps_its_alpha() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(1, 1, [0.0, 0.0], [50.0, 100.0]);
    let mut renderer = Renderer::new(&gpu, wgpu::TextureFormat::Bgra8Unorm);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    upload(&mut renderer, &gpu, BLOCK, &Array2::from_elem((1, 1), f32::NAN));
    let pass = FieldPass {
        frames: one(BLOCK, 0),
        fold: Fold::Max,
        transfer: TransferFunction { no_data: [255, 0, 51, 255], ..plain() },
        opacity: 0.5,
    };
    let camera = Camera { center: [50.0, 50.0], units_per_pixel: [1.0; 2], turns: 0 };
    let picture = Picture { fields: vec![pass], ..Picture::new(camera, [0, 0, 0, 0]) };
    let got = pixels(&gpu, &mut failures, &mut renderer, [100, 100], &picture).await;
    assert_eq!(got[75], [0, 0, 0, 0]);
    let [red, green, blue, alpha] = got[25];
    assert!(
        red >= 254 && green == 0 && (50..=52).contains(&blue) && (127..=128).contains(&alpha),
        "{:?}",
        got[25]
    );
}

#[wasm_bindgen_test]
async fn what_cannot_be_drawn_says_so() {
    let (gpu, mut failures) = gpu().await;
    let grid = Grid::new(3, 3, [0.0, 0.0], [1.0, 1.0]);
    let mut renderer = Renderer::new(&gpu, gpu.format);
    renderer.set_mesh(&gpu, &grid.mesh().borrowed());
    let before = renderer.bytes();
    upload(&mut renderer, &gpu, BLOCK, &Array2::zeros((2, 9)));
    upload(&mut renderer, &gpu, OTHER, &Array2::zeros((2, 8)));
    assert_eq!(renderer.bytes(), before + 4 * (18 + 16));
    let camera = Camera { center: grid.middle(), units_per_pixel: [0.1; 2], turns: 0 };
    let good = FieldPass { frames: one(BLOCK, 1), fold: Fold::Max, transfer: plain(), opacity: 1.0 };
    let missing = BlockId { block: 9, ..BLOCK };
    for (pass, expected) in [
        (FieldPass { frames: one(missing, 1), ..good.clone() }, Error::NotResident { id: missing }),
        (FieldPass { frames: one(BLOCK, 2), ..good.clone() }, Error::NoSuchRow { row: 2, rows: 2 }),
        (FieldPass { frames: one(OTHER, 1), ..good.clone() }, Error::Bins { environment: 9, field: 8 }),
    ] {
        let result = renderer.read(&gpu, [20, 20], &picture(camera, vec![pass])).await;
        assert_eq!(result, Err(expected));
    }
    let picture = picture(camera, vec![good]);
    let limit = gpu.device.limits().max_texture_dimension_2d;
    assert_eq!(
        renderer.read(&gpu, [limit + 1, 20], &picture).await,
        Err(Error::PictureTooLarge { width: limit + 1, height: 20, limit })
    );
    assert_eq!(renderer.read(&gpu, [0, 20], &picture).await, Ok(Vec::new()));

    // Two reads and a draw in between keep apart.
    let [first, second] = [[20, 20], [30, 10]].map(|size| renderer.read(&gpu, size, &picture));
    renderer.discard(BLOCK);
    assert_eq!([second.await.unwrap().len(), first.await.unwrap().len()], [1200, 1600]);
    assert!(!renderer.contains(BLOCK) && renderer.contains(OTHER));
    renderer.discard(OTHER);
    renderer.discard(OTHER);
    assert_eq!(renderer.bytes(), before);

    // Nothing to draw on, and nothing to draw, are no errors.
    upload(&mut renderer, &gpu, BLOCK, &Array2::zeros((0, 9)));
    renderer.set_mesh(&gpu, &MeshRef::default());
    let got = pixels(&gpu, &mut failures, &mut renderer, [4, 4], &empty()).await;
    assert!(got.iter().all(|pixel| *pixel == [0, 0, 0, 255]));
}

#[wasm_bindgen_test]
async fn a_lost_device_is_told_and_replaced() {
    let (lost, mut failures) = gpu().await;
    let mut renderer = Renderer::new(&lost, lost.format);
    lost.device.destroy();
    assert!(matches!(failures.next().await, Some(Error::DeviceLost { .. })));
    let result = renderer.read(&lost, [4, 4], &empty()).await;
    assert!(matches!(result, Err(Error::DeviceLost { .. })), "{result:?}");

    let (gpu, mut failures) = gpu().await;
    let mut renderer = Renderer::new(&gpu, gpu.format);
    pixels(&gpu, &mut failures, &mut renderer, [4, 4], &empty()).await;
}

#[wasm_bindgen_test]
async fn a_canvas_shows_it_and_survives_zero() {
    let document = web_sys::window().unwrap().document().unwrap();
    let canvas: web_sys::HtmlCanvasElement = document.create_element("canvas").unwrap().unchecked_into();
    let instance = Gpu::instance();
    let mut surface = Surface::new(&instance, canvas.clone()).unwrap();
    let (gpu, mut failures) = Gpu::new(&instance, Some(surface.target())).await.unwrap();
    assert!(!gpu.format.is_srgb());
    let mut renderer = Renderer::new(&gpu, gpu.format);
    let dot = PositionPass { color: [250, 128, 3], ..position(Some([0.0, 0.0]), &[]) };
    let picture = Picture { background: BACKGROUND, overlays: vec![dot], ..empty() };

    assert_eq!(surface.present(&gpu, &mut renderer, &picture), Ok(false), "it has no size yet");
    for size in [[40, 30], [0, 30], [64, 0], [31, 57], [31, 57]] {
        surface.resize(&gpu, size);
        let shown = surface.present(&gpu, &mut renderer, &picture).unwrap();
        assert_eq!(shown, !size.contains(&0));
        assert_eq!(surface.size().is_some(), shown);
        if shown {
            assert_eq!([canvas.width(), canvas.height()], size);
            let got = on_screen(&canvas);
            assert_eq!(got[0], BACKGROUND);
            assert_eq!(got[(size[0] / 2 + size[1] / 2 * size[0]) as usize], [250, 128, 3, 255]);
        }
    }
    assert!(failures.try_recv().is_err());
}

/// What a canvas shows now, by way of a 2D canvas.
fn on_screen(canvas: &web_sys::HtmlCanvasElement) -> Vec<[u8; 4]> {
    let read = js_sys::Function::new_with_args(
        "canvas",
        "const copy = new OffscreenCanvas(canvas.width, canvas.height).getContext('2d');
         copy.drawImage(canvas, 0, 0);
         return new Uint8Array(copy.getImageData(0, 0, canvas.width, canvas.height).data.buffer);",
    );
    let bytes: js_sys::Uint8Array =
        read.call1(&wasm_bindgen::JsValue::NULL, canvas).unwrap().unchecked_into();
    bytes.to_vec().as_chunks::<4>().0.to_vec()
}
