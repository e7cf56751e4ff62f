using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>The app gave no answer: whether it handled the delivery is not known.</summary>
internal sealed class AppUnreachableException(string message, Exception? innerException = null) : RealTimeMeshException(message, innerException);
