namespace RealTimeMesh.Rules;

/// <summary>When rules are applied.</summary>
public enum RulePhase
{
    /// <summary>Before a message is written: rules of mode WRITE and WRITEREAD, in their order.</summary>
    Write,

    /// <summary>After a message was read: rules of mode READ and WRITEREAD, in the reverse order.</summary>
    Read,
}
