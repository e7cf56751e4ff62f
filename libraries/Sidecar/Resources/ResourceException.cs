using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Resources;

/// <summary>Resources with which the sidecar cannot run; the text is daprd's.</summary>
internal sealed class ResourceException : RealTimeMeshException
{
    public ResourceException(string message)
        : base(message)
    {
    }

    public ResourceException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
