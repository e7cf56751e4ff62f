namespace RealTimeMesh.Components;

/// <summary>A broker whose topics and groups can be administered. Optional, beside <see cref="IPubSubBroker"/>.</summary>
public interface IAdministeredBroker
{
    IBrokerAdmin Administration { get; }
}
