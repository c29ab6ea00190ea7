import FirmwareModel
import Kernels

/// What the operators of a tail are on the way back: layers that learn, what activations, gates and means keep of the way
/// there, and the order of it all.
struct TailNetwork {
  /// A layer that learns.
  struct Layer {
    var index: Int
    var input: Int
    var shape: ConvolutionShape
    var outputGrid: PatchGrid
    var inputGrid: PatchGrid { ConvolutionBackward.inputGrid(of: shape, outputGrid: outputGrid) }
  }

  /// A function whose derivative is looked up by the values of a tensor.
  struct Activation {
    enum Function {
      case clamp(low: Int8, high: Int8)
      /// The constant, and the scales of what goes in and what comes out.
      case table(Int, input: Scale, output: Scale)
    }
    var function: Function
    var values: Int
    var grid: PatchGrid
    var channels: Int
  }

  /// A gate for each channel of a map.
  struct Gate {
    var gate: Int
    var grid: PatchGrid
    var channels: Int
  }

  struct Mean {
    var grid: PatchGrid
    var channels: Int
  }

  /// One step of the backward pass: from errors in one room to errors in another.
  enum Instruction {
    case layer(Int, from: Int, to: Int?)
    case activation(Int, from: Int, to: Int)
    case gate(Int, from: Int, to: Int)
    case mean(Int, from: Int, to: Int)
    case sum(Int, Int, to: Int)
  }

  let graph: ModelGraph
  private(set) var layers: [Layer] = []
  private(set) var activations: [Activation] = []
  private(set) var gates: [Gate] = []
  private(set) var means: [Mean] = []
  /// In the order of the backward pass.
  private(set) var program: [Instruction] = []
  /// The room that the errors of the features are put in; nil where nothing before them learns.
  private(set) var featureRoom: Int?
  private(set) var rooms = ErrorRooms()

  let features: Int
  var featureCount: Int { graph.model.tensors[features].shape.count }
  /// The zero point of the features.
  var zeroPoint: Int32 { graph.model.tensors[features].zeroPoint }
  var input: Int { graph.model.inputs[0] }

  /// - Parameters:
  ///   - tail: A model as `ModelPart.tail` writes it.
  ///   - patch: Of the last map.
  ///   - isFrozen: Nothing of it learns.
  /// - Returns: Nil where a tensor would have to be cut into patches in two ways.
  init?(_ tail: FirmwareModel, patch: Int, isFrozen: Bool) {
    graph = ModelGraph(tail)
    guard let path = ErrorPath(graph, features: tail.outputs[0]) else { return nil }
    features = path.features
    if isFrozen { return }
    var builder = TailBuilder(path, patch: patch)
    guard builder.findGrids() else { return nil }
    builder.build()
    layers = builder.layers
    activations = builder.activations
    gates = builder.gates
    means = builder.means
    program = builder.program
    rooms = builder.rooms
    featureRoom = builder.featureRoom
  }
}

/// Rooms for errors, shared by tensors whose errors are not there at the same time.
struct ErrorRooms {
  /// Errors of an image that each room has to hold.
  private(set) var capacities: [Int] = []
  private var users: [Int] = []

  /// A room for errors, with one user: the smallest that holds them, else the largest, made larger.
  mutating func take(_ count: Int) -> Int {
    var best: Int?
    for room in capacities.indices where users[room] == 0 {
      guard let other = best else {
        best = room
        continue
      }
      let (a, b) = (capacities[room], capacities[other])
      if a >= count ? (b < count || a < b) : (b < count && a > b) { best = room }
    }
    guard let best else {
      capacities.append(count)
      users.append(1)
      return capacities.count - 1
    }
    capacities[best] = max(capacities[best], count)
    users[best] = 1
    return best
  }

  mutating func share(_ room: Int) { users[room] += 1 }
  mutating func release(_ room: Int) { users[room] -= 1 }
  func isShared(_ room: Int) -> Bool { users[room] > 1 }
}
