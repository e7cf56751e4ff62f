using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.App;

/// <summary>The app gave no usable answer to a delivery as a whole: its events come again after a pause.</summary>
internal sealed class AppUnreachableException(string message, Exception? innerException = null) : RealTimeMeshException(message, innerException);
