using RealTimeMesh.Contracts;

namespace RealTimeMesh.Garnet;

/// <summary>The embedded server could not start.</summary>
public sealed class GarnetException(string message, Exception? innerException = null) : RealTimeMeshException(message, innerException);
