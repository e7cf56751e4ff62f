namespace RealTimeMesh.Contracts;

/// <summary>A contract that cannot be read or used.</summary>
public sealed class ContractException : RealTimeMeshException
{
    public ContractException(string message)
        : base(message)
    {
    }

    public ContractException(string message, Exception? innerException)
        : base(message, innerException)
    {
    }
}
